import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { ensureWorkQueue } from '#shared/engine/work-pool/ensure-work-queue.ts'
import { blockedPhase } from '#shared/flow-run/phase.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { FAULTS, startProcess } from '../../support/faults/faulty-calls.ts'
import { commandDeployment, createRuns, readRun } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let queue: WorkQueue
beforeEach(async () => {
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'p', type: 'process' })
  queue = await createWorkQueue(world, 'p', { name: 'q' })
})
afterEach(() => world.close())

const deployment = async (rest: object = {}) => await commandDeployment(world, { pool, queueId: queue.id, ...rest })
const stateOf = async (runId: string) => (await readRun(world, runId)).state
const waiting = async (count: number) => await createRuns(world, await deployment(), count)

it('cancels the runs that wait in a deleted queue, with the reason', async () => {
  const [run] = await waiting(3)
  const elsewhere = await createRuns(world, await commandDeployment(world, { pool, name: 'other' }), 1)
  await deleteWorkQueue(world, queue)
  const state = await stateOf(run?.id ?? '')
  expect(state).toMatchObject({ type: 'CANCELLED', message: "Work queue 'q' of the run was deleted." })
  expect((await stateOf(elsewhere[0]?.id ?? '')).type).toBe('SCHEDULED')
  expect(await getQueue(world.table, pool.id, queue.id)).toBeUndefined()
  expect((await getLimits(world.table, [queueLimit(queue.id)])).size).toBe(0)
})

it('is rejected while a run is held, and the queue stays in use', async () => {
  const [held, next] = await waiting(2)
  await setState(world, held?.id ?? '', { type: 'PENDING' })
  await expect(deleteWorkQueue(world, queue)).rejects.toMatchObject({ code: 'still_held' })
  await expect(deleteWorkPool(world, 'p')).rejects.toThrow("Work pool 'p' can't be deleted while a flow run is held")
  expect((await setState(world, next?.id ?? '', { type: 'PENDING' })).verdict.status).toBe('ACCEPT')
})

it('refuses claims and new runs in the queue once it has begun', async () => {
  const [run] = await waiting(1)
  await markDeleting(world.table, queueLimit(queue.id), { kind: 'queue', ...queue }, world.clock.now())
  expect((await setState(world, run?.id ?? '', { type: 'PENDING' })).verdict.status).toBe('ABORT')
  await expect(ensureWorkQueue(world, 'p', 'q')).rejects.toMatchObject({ code: 'being_deleted' })
  await markDeleting(world.table, poolLimit(pool.id), { kind: 'pool', ...pool }, world.clock.now())
  await expect(ensureWorkQueue(world, 'p', 'default')).rejects.toMatchObject({ code: 'being_deleted' })
  await expect(createWorkQueue(world, 'p', { name: 'new' })).rejects.toThrow("Work pool 'p' is being deleted.")
})

it('also finds the runs parked under a deployment limit', async () => {
  const limited = await deployment({ name: 'limited', concurrencyLimit: 1 })
  const other = await createWorkPool(world, { name: 'other', type: 'process' })
  const elsewhere = { poolId: other.id, queueId: other.defaultQueueId }
  const order = { flowId: limited.flowId, deploymentId: limited.id }
  const holder = (await createFlowRun(world, order, { deployment: limited, queue: elsewhere })).run
  await setState(world, holder.id, { type: 'PENDING' })
  const [parked] = await createRuns(world, limited, 1)
  await setState(world, parked?.id ?? '', { type: 'PENDING' })
  const phase = blockedPhase(pool.id)
  expect((await listPhase(world.table, { phase, limit: 10 })).rows).toMatchObject([{ runId: parked?.id }])
  await deleteWorkQueue(world, queue)
  expect((await stateOf(parked?.id ?? '')).type).toBe('CANCELLED')
  expect((await stateOf(holder.id)).type).toBe('PENDING')
})

it.each(FAULTS)('a delete hit by "%s" at any of its calls is finished by the next one', async (fault) => {
  for (let at = 0; ; at += 1) {
    const name = `cut-${at}`
    pool = await createWorkPool(world, { name, type: 'process' })
    queue = await createWorkQueue(world, name, { name: 'q' })
    const runs = await waiting(2)
    const process = startProcess(world, { at, fault })
    await deleteWorkPool(process.deps, name).catch(() => undefined)
    await process.idle()
    if ((await getPool(world.table, pool.id)) !== undefined) await deleteWorkPool(world, name)
    expect(await getPool(world.table, pool.id)).toBeUndefined()
    expect((await getLimits(world.table, [poolLimit(pool.id), queueLimit(queue.id)])).size).toBe(0)
    for (const run of runs) expect((await stateOf(run.id)).type).toBe('CANCELLED')
    if (!process.struck()) return
  }
})
