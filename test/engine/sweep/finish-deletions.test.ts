import { afterAll, beforeEach, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { createRunInput } from '#shared/engine/flow-run/create-run-input.ts'
import { finishDeletions } from '#shared/engine/sweep/finish-deletions.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { queueLimit } from '#shared/limit/limit.ts'
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
import { commandDeployment, createRuns, readRun } from '../../support/fixtures/fixtures.ts'
import { copyRun } from '../../support/fixtures/many-runs.ts'
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
async function finish(deps = world as Parameters<typeof finishDeletions>[0]): Promise<number> {
  world.clock.pass(31)
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
  expect([await finish(), await typeOf(run)]).toEqual([0, 'SCHEDULED'])
  world.clock.pass(10 * 60)
  expect([await finish(), await typeOf(run)]).toEqual([0, 'CANCELLED'])
})
