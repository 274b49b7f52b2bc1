import { afterAll, beforeEach, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { createRunInput } from '#shared/engine/flow-run/create-run-input.ts'
import { finishDeletions } from '#shared/engine/sweep/finish-deletions.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { readyPhase, readySort } from '#shared/flow-run/phase.ts'
import { NEVER } from '#shared/instant.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { listDeletions } from '#shared/storage/deletion/list-deletions.ts'
import { postponeDeletion } from '#shared/storage/deletion/postpone-deletion.ts'
import { markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { deleteRun } from '#shared/storage/flow-run/delete-run.ts'
import { getRunInput } from '#shared/storage/flow-run/list-run-inputs.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun } from '../../support/fixtures/a-run.ts'
import { commandDeployment, createRuns, readRun } from '../../support/fixtures/fixtures.ts'
import { copyRun, putRuns } from '../../support/fixtures/many-runs.ts'
import { openMemoryStage } from '../../support/stage.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let queue: WorkQueue
let deployment: Deployment
beforeEach(async () => {
  await world?.close()
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'p', type: 'process' })
  queue = await createWorkQueue(world, 'p', { name: 'q' })
  deployment = await commandDeployment(world, { pool, queueId: queue.id })
})
afterAll(() => world.close())

const waiting = async () => (await createRuns(world, deployment, 1))[0] ?? expect.fail('no run')
const typeOf = async ({ id }: { id: string }) => (await readRun(world, id)).state.type
const now = () => world.clock.now()
/** Once the requests that began the deletions must be done. */
async function finish(deps: Deps = world): Promise<number> {
  const { clock } = deps as World
  clock.pass(31)
  return await finishDeletions(deps)
}

it("finishes a queue's deletion that was cut short, and then looks once more for runs that came in between", async () => {
  const run = await waiting()
  await markDeleting(world.table, queueLimit(queue.id), { kind: 'queue', ...queue }, now())
  expect([await finish(), await typeOf(run)]).toEqual([0, 'CANCELLED'])
  expect(await getQueue(world.table, pool.id, queue.id)).toBeUndefined()
  const [late] = await copyRun(world, run, 1)
  expect([await finish(), await typeOf(late ?? run)]).toEqual([1, 'CANCELLED'])
  expect(await finish()).toBe(0)
})

it("does the same for a deployment's", async () => {
  const run = await waiting()
  await markDeploymentDeleting(world.table, deployment, now())
  expect([await finish(), await typeOf(run)]).toEqual([0, 'CANCELLED'])
  expect(await getDeployment(world.table, deployment.id)).toBeUndefined()
  const [late] = await copyRun(world, run, 1)
  expect([await finish(), await typeOf(late ?? run)]).toEqual([1, 'CANCELLED'])
  expect(await finish()).toBe(0)
})

it('finishes the deletion of a pool', async () => {
  const run = await waiting()
  await markDeleting(world.table, `pool#${pool.id}`, { kind: 'pool', ...pool }, now())
  await finish()
  expect([await getPool(world.table, pool.id), await typeOf(run)]).toEqual([undefined, 'CANCELLED'])
  expect([await finish(), await listDeletions(world.table, NEVER, 9)]).toEqual([0, []])
})

it('goes on in the next sweep with a deletion that is too long for one, and reports no error', {
  timeout: 60_000,
}, async () => {
  const memory = (await openMemoryStage()).world
  const own = await createWorkPool(memory, { name: 'p', type: 'process' })
  const runs = Array.from({ length: 2_050 }, (_, n) => aRun({ id: `run-${n}`, poolId: own.id, queueId: 'q' }))
  await putRuns(memory, runs)
  await markDeleting(memory.table, `pool#${own.id}`, { kind: 'pool', ...own }, memory.clock.now())
  expect([await finish(memory), (await getPool(memory.table, own.id))?.id]).toEqual([0, own.id])
  expect(memory.logged.filter(({ level }) => level === 'error')).toEqual([])
  await finish(memory)
  expect(await getPool(memory.table, own.id)).toBeUndefined()
})

it('looks once more for the runs of what is gone from where the last look stopped', async () => {
  const run = await waiting()
  await deleteDeployment(world, deployment.id)
  const [late] = await copyRun(world, run, 1)
  const [deletion] = await listDeletions(world.table, NEVER, 9)
  const behind = { phase: readyPhase(pool.id), sort: readySort(queue.id, NEVER) }
  if (deletion) await postponeDeletion(world.table, { ...deletion, due: now(), from: behind })
  expect([await finish(), await typeOf(late ?? run)]).toEqual([1, 'SCHEDULED'])
})

it('deletes what a deleted run left behind', async () => {
  const run = await waiting()
  await createRunInput(world, { runId: run.id, key: 'k', value: 'v', sender: null })
  await deleteRun(world.table, await readRun(world, run.id), now())
  expect(await getRunInput(world.table, run, 'k')).toBeDefined()
  expect([await finish(), await finish()]).toEqual([1, 0])
  expect(await getRunInput(world.table, run, 'k')).toBeUndefined()
})

it('leaves a deletion to the request that has just begun it, and only looks once more after one that is done', async () => {
  const run = await waiting()
  await markDeleting(world.table, queueLimit(queue.id), { kind: 'queue', ...queue }, now())
  expect([await finishDeletions(world), await typeOf(run)]).toEqual([0, 'SCHEDULED'])
  await deleteWorkQueue(world, queue)
  await deleteDeployment(world, deployment.id)
  expect([await finish(), await finish()]).toEqual([2, 0])
})

it('puts off a deletion that fails, and finishes the others', async () => {
  const [run, other] = [await waiting(), await waiting()]
  await markDeleting(world.table, queueLimit(queue.id), { kind: 'queue', ...queue }, now())
  await deleteRun(world.table, await readRun(world, other.id), now())
  const faulty = withInterceptor(world, async ({ name, input }, go) => {
    const { IndexName } = input as { IndexName?: string }
    if (name === 'dynamodb QueryCommand' && IndexName === 'phase') throw new Error('no answer')
    return await go()
  })
  expect(await finish(faulty)).toBe(1)
  const fields = { kind: 'queue', id: queue.id }
  expect(world.logged).toContainEqual(expect.objectContaining({ level: 'error', message: 'deletion not finished' }))
  expect(world.logged.find(({ level }) => level === 'error')).toMatchObject({ fields })
  expect([await finish(), await typeOf(run)]).toEqual([0, 'SCHEDULED'])
  world.clock.pass(10 * 60)
  expect([await finish(), await typeOf(run)]).toEqual([0, 'CANCELLED'])
})
