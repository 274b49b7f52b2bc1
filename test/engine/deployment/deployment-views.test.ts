import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { deleteDeployment, deleteDeploymentLife } from '#shared/engine/deployment/delete-deployment.ts'
import { getDeploymentViews } from '#shared/engine/deployment/get-deployment-views.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { pollWorkPool } from '#shared/engine/poll/poll-work-pool.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { deploymentLimit, queueLimit } from '#shared/limit/limit.ts'
import { listDeletions } from '#shared/storage/deletion/list-deletions.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun } from '../../support/fixtures/a-run.ts'
import { commandDeployment } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { openMemoryStage } from '../../support/stage.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let queue: WorkQueue
let deployment: Deployment
beforeEach(async () => {
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  queue = await createWorkQueue(world, 'pull', { name: 'q' })
  deployment = await commandDeployment(world, { pool, queueId: queue.id, concurrencyLimit: 2 })
})
afterEach(() => world.close())

const view = async (change: Partial<Deployment> = {}) => {
  const [shown] = await getDeploymentViews(world, [{ ...deployment, ...change }])
  return shown ?? expect.fail('no view')
}

it('a deployment is ready while its queue is polled, or it polls for itself', async () => {
  expect(await view()).toMatchObject({ lastPolled: null, ready: false, limit: { key: deploymentLimit(deployment.id) } })
  await pollWorkPool(world, 'pull', {})
  const polled = await view()
  expect([polled.ready, typeof polled.lastPolled]).toEqual([true, 'number'])
  const own = world.clock.now()
  expect((await view({ lastPolled: own })).lastPolled).toBe(own)
  expect((await view({ lastPolled: 1 })).lastPolled).toBe(polled.lastPolled)
  expect(await view({ lastPolled: own, queueId: null, poolId: null })).toMatchObject({ lastPolled: own, ready: true })
  world.clock.pass(61)
  expect((await view()).ready).toBe(false)
})

it('is ready in a push pool at all times, and nowhere once its place is about to go', async () => {
  const push = await createWorkPool(world, { name: 'push', type: 'ecs:push' })
  const place = { poolId: push.id, queueId: push.defaultQueueId }
  expect(await view(place)).toMatchObject({ lastPolled: null, ready: true })
  expect((await view({ ...place, queueId: 'gone' })).ready).toBe(false)
  await pollWorkPool(world, 'pull', {})
  await markDeleting(world.table, queueLimit(queue.id), { kind: 'queue', ...queue }, world.clock.now())
  expect((await view()).ready).toBe(false)
})

it('shows the name that its queue has now', async () => {
  await updateWorkQueue(world, queue, { name: 'renamed' }, {})
  expect((await view()).deployment.queueName).toBe('renamed')
  expect((await view({ queueId: null, queueName: 'kept' })).deployment.queueName).toBe('kept')
})

it('an update is later than the one before it, whatever the clock says', async () => {
  const first = await updateDeployment(world, deployment.id, { description: 'a' })
  world.clock.pass(-60)
  const second = await updateDeployment(world, deployment.id, { description: 'b' })
  expect(second.updated).toBe(first.updated + 1)
  world.clock.pass(120)
  expect((await updateDeployment(world, deployment.id, {})).updated).toBeGreaterThan(second.updated + 1)
  const saved = world.logged.filter(({ message }) => message === 'deployment saved')
  expect(saved).toMatchObject([1, 2, 3].map(() => ({ fields: { deploymentId: deployment.id, created: false } })))
})

it('an update that others always overtake is refused after a while', async () => {
  let writes = 0
  const crossed = withInterceptor(world, async ({ name }, go) => {
    if (/Put|Transact/.test(name) && ++writes <= 20)
      await updateDeployment(world, deployment.id, { version: `${writes}` })
    return await go()
  })
  const unavailable = { code: 'unavailable' }
  await expect(updateDeployment(crossed, deployment.id, { description: 'mine' })).rejects.toMatchObject(unavailable)
  expect(writes).toBe(10)
  expect((await getDeployment(world.table, deployment.id))?.description).toBe(null)
})

it('a deletion is of one life, and is logged with what it cancelled', async () => {
  const notFound = { code: 'not_found' }
  await expect(deleteDeployment(world, 'none')).rejects.toMatchObject(notFound)
  await expect(deleteDeploymentLife(world, { ...deployment, life: 'another' })).rejects.toMatchObject(notFound)
  await deleteDeployment(world, deployment.id)
  const fields = { deploymentId: deployment.id, cancelled: 0 }
  expect(world.logged).toContainEqual({ level: 'info', message: 'deployment deleted', fields })
  await expect(deleteDeployment(world, deployment.id)).rejects.toMatchObject(notFound)
})

it('a deletion with more runs than one request can cancel is put off by a second, and goes on', {
  timeout: 60_000,
}, async () => {
  const memory = (await openMemoryStage()).world
  const own = await createWorkPool(memory, { name: 'p', type: 'process' })
  const large = await commandDeployment(memory, { pool: own })
  const place = { poolId: own.id, queueId: own.defaultQueueId, deploymentId: large.id }
  await putRuns(
    memory,
    Array.from({ length: 2_050 }, (_, n) => aRun({ id: `run-${n}`, ...place })),
  )
  const before = memory.clock.now()
  await expect(deleteDeployment(memory, large.id)).rejects.toMatchObject({ code: 'unfinished' })
  const [deletion] = await listDeletions(memory.table, 9, () => true)
  expect(deletion).toMatchObject({ kind: 'deployment', id: large.id, life: large.life, name: large.name })
  expect(Math.round(((deletion?.due ?? 0) - before) / 1_000_000)).toBe(1)
  expect((await getDeployment(memory.table, large.id))?.deleting).toBe(true)
  await deleteDeployment(memory, large.id)
  expect(await getDeployment(memory.table, large.id)).toBeUndefined()
})
