import { describe, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { namedPlace, placeRun } from '#shared/engine/flow-run/place-run.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { requireQueue } from '#shared/engine/work-pool/require-queue.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { getStoredDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { getQueueNamed } from '#shared/storage/work-queue/get-queue.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { pullForEachTest } from '../../support/pull-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let queue: WorkQueue
let deployment: Deployment
pullForEachTest((work) => {
  ;({ world, pool, queue } = work)
  deployment = { ...work.deployment, queueName: 'work' }
})

const at = (queueId: string) => ({ poolId: pool.id, queueId })
const closePool = () => markDeleting(world.table, poolLimit(pool.id), { kind: 'pool', ...pool }, world.clock.now())
const closeQueue = (one: WorkQueue) =>
  markDeleting(world.table, queueLimit(one.id), { kind: 'queue', ...one }, world.clock.now())
const stored = async () => await getStoredDeployment(world.table, deployment.id)

describe('a run of a deployment', () => {
  it("waits in the deployment's queue, or in one that it names, and nothing else changes", async () => {
    const before = await stored()
    expect(await placeRun(world, deployment)).toMatchObject({ pool: { id: pool.id }, queue: at(queue.id) })
    const { id } = (await getQueueNamed(world.table, pool.id, 'default')) ?? queue
    expect((await placeRun(world, deployment, 'default'))?.queue).toEqual(at(id))
    const named = (await placeRun(world, deployment, 'new'))?.queue
    expect(named).toEqual(at((await getQueueNamed(world.table, pool.id, 'new'))?.id ?? ''))
    expect(await stored()).toEqual(before)
  })

  it('without the id or the name of a queue, it waits in the default one', async () => {
    const { id } = (await getQueueNamed(world.table, pool.id, 'default')) ?? queue
    expect((await placeRun(world, { ...deployment, queueId: null, queueName: null }))?.queue).toEqual(at(id))
    expect((await placeRun(world, { ...deployment, queueId: null }))?.queue).toEqual(at(queue.id))
  })

  it.each([
    ['id', { poolId: null }],
    ['name', { poolName: null }],
  ])('waits nowhere without the %s of a pool, and can name no queue', async (_what, without) => {
    const nowhere = { ...deployment, ...without }
    expect(await placeRun(world, nowhere)).toBeUndefined()
    await expect(placeRun(world, nowhere, 'work')).rejects.toThrow('the deployment has no work pool')
  })

  it('is refused while its deployment, pool or queue is being deleted, and says which', async () => {
    await expect(placeRun(world, { ...deployment, deleting: true })).rejects.toThrow(
      "Deployment 'command' is being deleted",
    )
    await closeQueue(queue)
    await expect(placeRun(world, deployment)).rejects.toThrow("Work queue 'work' is being deleted.")
    await closePool()
    await expect(placeRun(world, deployment)).rejects.toThrow("Work pool 'pull' is being deleted.")
  })

  it('is refused once its pool is gone', async () => {
    await deleteWorkPool(world, 'pull')
    await expect(placeRun(world, deployment)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('finds its deleted queue created again, and its deployment goes there where the id is another', async () => {
    await deleteWorkQueue(world, queue)
    const before = await stored()
    expect((await placeRun(world, deployment))?.queue).toEqual(at(queue.id))
    expect(await stored()).toEqual(before)
    await updateWorkQueue(world, await requireQueue(world, 'pull', 'work'), { name: 'renamed' }, {})
    const renamed = await getQueueNamed(world.table, pool.id, 'renamed')
    if (renamed) await deleteWorkQueue(world, renamed)
    const place = (await placeRun(world, { ...deployment, queueName: 'renamed' }))?.queue
    expect(place?.queueId).toBe((await getQueueNamed(world.table, pool.id, 'renamed'))?.id)
    expect((await stored())?.deployment).toMatchObject({ queueId: place?.queueId, queueName: 'renamed' })
  })

  it('that names another queue leaves its deployment where it is, though that queue is gone', async () => {
    await deleteWorkQueue(world, queue)
    const before = await stored()
    await placeRun(world, deployment, 'new')
    expect(await stored()).toEqual(before)
  })
})

describe('a run that names its place', () => {
  it('waits in the queue of that name, the default one unless it names it', async () => {
    expect(await namedPlace(world, 'pull', 'work')).toMatchObject({ pool: { name: 'pull' }, queue: at(queue.id) })
    expect((await namedPlace(world, 'pull')).queue).toEqual(at(pool.defaultQueueId))
  })

  it('is refused where pool or queue is missing', async () => {
    await expect(namedPlace(world, 'none', 'work')).rejects.toThrow("Work pool 'none' not found")
    await expect(namedPlace(world, 'pull', 'none')).rejects.toThrow("Work queue 'none' not found")
  })

  it('is refused while pool or queue is being deleted, and says which', async () => {
    await closeQueue(queue)
    await expect(namedPlace(world, 'pull', 'work')).rejects.toThrow("Work queue 'work' is being deleted.")
    await closePool()
    await expect(namedPlace(world, 'pull', 'work')).rejects.toThrow("Work pool 'pull' is being deleted.")
  })
})
