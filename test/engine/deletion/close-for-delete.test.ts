import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  cancelRunsOf,
  closeForDelete,
  type DeletionTarget,
  unfinished,
} from '#shared/engine/deletion/close-for-delete.ts'
import { keepQueueNames } from '#shared/engine/deletion/keep-queue-names.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { readyPhase, readySort } from '#shared/flow-run/phase.ts'
import { NEVER } from '#shared/instant.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { listDeletions } from '#shared/storage/deletion/list-deletions.ts'
import { getStoredDeployment } from '#shared/storage/deployment/get-deployment.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
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

const target = ({ id, life, name, poolId }: WorkQueue): DeletionTarget => {
  return { kind: 'queue', id, life, name, limit: queueLimit(id), where: { poolId, queueId: id } }
}
const poolTarget = ({ id, life, name }: WorkPool): DeletionTarget => {
  return { kind: 'pool', id, life, name, limit: poolLimit(id), where: { poolId: id } }
}
const wait = async (n: number) =>
  await createRuns(world, await commandDeployment(world, { pool, queueId: queue.id }), n)

describe('closing a place', () => {
  it('is written down, so that the sweep can go on with it', async () => {
    await closeForDelete(world, target(queue))
    await closeForDelete(world, poolTarget(pool))
    const found = await listDeletions(world.table, 10, () => true)
    expect(found.map(({ kind, id, life, name, poolId }) => ({ kind, id, life, name, poolId }))).toEqual([
      { kind: 'queue', id: queue.id, life: queue.life, name: 'q', poolId: pool.id },
      { kind: 'pool', id: pool.id, life: pool.life, name: 'p', poolId: undefined },
    ])
  })

  it('is refused while runs are held under it, with their number', async () => {
    const runs = await wait(2)
    for (const { id } of runs) await setState(world, id, { type: 'PENDING' })
    const message = "Work queue 'q' can't be deleted while 2 flow runs are held under it."
    await expect(closeForDelete(world, target(queue))).rejects.toMatchObject({ code: 'still_held', message })
    await setState(world, runs[0]?.id ?? '', { type: 'CANCELLED' }, { force: true })
    await expect(closeForDelete(world, target(queue))).rejects.toThrow('while a flow run is held under it')
  })

  it('finds none where that life is over, before it begins or on its way', async () => {
    const [run] = await wait(1)
    let renewed = 0
    const overtaken = withInterceptor(world, async (call, go) => {
      const answer = await go()
      if (call.name === 'dynamodb TransactWriteItemsCommand' && renewed++ === 0) {
        await deleteWorkQueue(world, queue)
        await createWorkQueue(world, 'p', { name: 'q' })
        await createRuns(world, await commandDeployment(world, { pool, queueId: queue.id }), 1)
      }
      return answer
    })
    const message = "Work queue 'q' not found."
    const gone = { code: 'not_found', message: expect.stringContaining(message.slice(0, -1)) as string }
    await expect(closeForDelete(overtaken, target(queue))).rejects.toMatchObject(gone)
    await expect(closeForDelete(world, target(queue))).rejects.toMatchObject(gone)
    expect((await readRun(world, run?.id ?? '')).state.type).toBe('CANCELLED')
  })

  it('says how far it has come when it takes more than one request', () => {
    const { code, message } = unfinished(target(queue), 7)
    expect([code, message]).toEqual([
      'unfinished',
      "Work queue 'q' is being deleted: 7 waiting flow runs were cancelled; more remain. It goes on within minutes; repeat the request to hurry it.",
    ])
  })
})

describe('ending the runs of what is deleted', () => {
  it('tells them why, and the log how many there were', async () => {
    const runs = await wait(2)
    await closeForDelete(world, poolTarget(pool))
    expect((await readRun(world, runs[0]?.id ?? '')).state.message).toBe("Work pool 'p' of the run was deleted.")
    const logged = () => world.logged.filter(({ message }) => message === 'waiting runs cancelled')
    expect(logged()).toMatchObject([{ fields: { poolId: pool.id, cancelled: 2, outcome: 'complete' } }])
    await closeForDelete(world, poolTarget(pool))
    expect(logged()).toHaveLength(1)
  })

  it('goes on from where an earlier look stopped', async () => {
    const [run] = await wait(1)
    const from = { phase: readyPhase(pool.id), sort: readySort(queue.id, NEVER) }
    const gone = { kind: 'deployment', id: 'd', life: 'l', name: 'd', where: { poolId: pool.id } } as const
    expect(await cancelRunsOf(world, gone, from)).toMatchObject({ cancelled: 0 })
    expect(await cancelRunsOf(world, gone)).toMatchObject({ cancelled: 1 })
    expect((await readRun(world, run?.id ?? '')).state.message).toBe('The deployment of the run was deleted.')
  })
})

it('deployments keep the name that their queue has when it is deleted, and are written only where it is another', async () => {
  const named = { queueName: 'q' }
  const [old, other] = [
    await commandDeployment(world, { pool, queueId: queue.id, name: 'old' }),
    await commandDeployment(world, { pool, name: 'other' }),
  ]
  await keepQueueNames(world, [queue])
  const stored = async () => await Promise.all([old, other].map(({ id }) => getStoredDeployment(world.table, id)))
  const [first, second] = await stored()
  expect([first?.deployment, second?.deployment]).toMatchObject([named, { queueName: null }])
  await keepQueueNames(world, [queue])
  expect((await stored()).map((each) => each?.revision)).toEqual([first?.revision, second?.revision])
  const renamed = { ...queue, name: 'renamed' }
  await updateWorkQueue(world, queue, { name: 'renamed' }, {})
  await keepQueueNames(world, [renamed])
  expect((await stored())[0]?.deployment.queueName).toBe('renamed')
})
