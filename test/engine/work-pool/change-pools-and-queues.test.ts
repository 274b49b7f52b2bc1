import { beforeEach, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { createWorkPool, ensureAgentPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { ensureWorkQueue } from '#shared/engine/work-pool/ensure-work-queue.ts'
import { getWorkPoolViews } from '#shared/engine/work-pool/get-work-pool-views.ts'
import { getWorkQueueViews } from '#shared/engine/work-pool/get-work-queue-views.ts'
import { requireQueue } from '#shared/engine/work-pool/require-queue.ts'
import { openingOf, updateWorkPool } from '#shared/engine/work-pool/update-work-pool.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { DomainError } from '#shared/errors.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { limitItemKey } from '#shared/storage/dynamo/table.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { recordHeartbeat } from '#shared/storage/work-pool/record-heartbeat.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { AGENT_POOL_NAME, AGENT_POOL_TYPE } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aLimit } from '../../support/fixtures/a-limit.ts'
import { aRun } from '../../support/fixtures/a-run.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let queue: WorkQueue
stageForEachTest((stage) => {
  world = stage.world
})
beforeEach(async () => {
  pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  queue = await createWorkQueue(world, 'pull', { name: 'work' })
})

const logged = () => world.logged.map(({ message }) => message)
/** The world, with something that happens before the first write of a transaction, or before each. */
function before(act: () => Promise<unknown>, each = false): { deps: Deps; writes: () => number } {
  let writes = 0
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb TransactWriteItemsCommand') {
      writes += 1
      if (each || writes === 1) await act()
    }
    return await go()
  })
  return { deps, writes: () => writes }
}

describe('a queue that is ensured', () => {
  it('is the one that another request created in between', async () => {
    const { deps } = before(() => createWorkQueue(world, 'pull', { name: 'new' }))
    const { id } = await ensureWorkQueue(deps, 'pull', 'new')
    expect(id).toBe((await requireQueue(world, 'pull', 'new')).id)
  })

  it('raises what is no such thing, though another request created it', async () => {
    const failing = before(async () => {
      await createWorkQueue(world, 'pull', { name: 'new' })
      throw new Error('no writes today')
    })
    await expect(ensureWorkQueue(failing.deps, 'pull', 'new')).rejects.toThrow('no writes today')
    const closing = before(async () => {
      await createWorkQueue(world, 'pull', { name: 'other' })
      await markDeleting(world.table, poolLimit(pool.id), { kind: 'pool', ...pool }, world.clock.now())
    })
    await expect(ensureWorkQueue(closing.deps, 'pull', 'late')).rejects.toMatchObject({ code: 'being_deleted' })
  })

  it('is there although the limits are gone that its deletion takes away first', async () => {
    await deleteItem(world.table, limitItemKey(queueLimit(queue.id)))
    await deleteItem(world.table, limitItemKey(poolLimit(pool.id)))
    expect((await ensureWorkQueue(world, 'pull', 'work')).id).toBe(queue.id)
  })
})

it('the pool of agents is created once, also by requests at the same time', async () => {
  const { deps } = before(() => ensureAgentPool(world))
  const late = await ensureAgentPool(deps)
  const known = withInterceptor(world, async ({ name }, go) => {
    if (/Write|Put|Update/.test(name)) throw new Error('nothing is written')
    return await go()
  })
  const first = await ensureAgentPool(known)
  expect(late).toEqual(first)
  expect(first).toMatchObject({ name: AGENT_POOL_NAME, type: AGENT_POOL_TYPE })
})

it('queues are placed anew when others were placed in between, but no more than twenty times', async () => {
  let others = 0
  const another = () => createWorkQueue(world, 'pull', { name: `other-${(others += 1)}` })
  const created = before(another, true)
  await expect(createWorkQueue(created.deps, 'pull', { name: 'late' })).rejects.toMatchObject({ code: 'unavailable' })
  expect(created.writes()).toBe(20)
  const moved = before(another, true)
  await expect(updateWorkQueue(moved.deps, queue, { priority: 1 }, {})).rejects.toMatchObject({ code: 'unavailable' })
  expect(moved.writes()).toBe(20)
})

describe('a deletion', () => {
  const waiting = async (n: number) => {
    const run = aRun({ id: world.ids.uuid(), poolId: pool.id, queueId: queue.id, deploymentId: null })
    await createRun(world.table, run)
    return { n, id: run.id }
  }

  it.each([
    ['pool', () => (deps: Deps) => deleteWorkPool(deps, 'pull')],
    ['queue', () => (deps: Deps) => deleteWorkQueue(deps, queue)],
  ])('of a %s ends runs that came in between, and logs it once', async (noun, act) => {
    const early = await waiting(1)
    let late = ''
    const deps = withInterceptor(world, async ({ name, input }, go) => {
      const actions = (input as { TransactItems?: { Delete?: object }[] }).TransactItems ?? []
      const answer = await go()
      if (name === 'dynamodb TransactWriteItemsCommand' && actions.some(({ Delete }) => Delete) && !late) {
        late = (await waiting(2)).id
      }
      return answer
    })
    await act()(deps)
    for (const id of [early.id, late]) expect((await readRun(world, id)).state.type).toBe('CANCELLED')
    expect(logged().filter((message) => message === `work ${noun} deleted`)).toHaveLength(1)
  })

  it.each([
    ['pool', () => (deps: Deps) => deleteWorkPool(deps, 'pull')],
    ['queue', () => (deps: Deps) => deleteWorkQueue(deps, queue)],
  ])('of a %s that another request finished is left to that', async (noun, act) => {
    let done = false
    const deps = withInterceptor(world, async ({ name, input }, go) => {
      const actions = (input as { TransactItems?: { Delete?: object }[] }).TransactItems ?? []
      if (name === 'dynamodb TransactWriteItemsCommand' && actions.some(({ Delete }) => Delete) && !done) {
        done = true
        await act()(world)
        world.logged.length = 0
      }
      return await go()
    })
    await act()(deps)
    expect(done).toBe(true)
    expect(logged().filter((message) => message === `work ${noun} deleted`)).toEqual([])
  })
})

describe('a change', () => {
  it('of a pool that is gone, or being deleted, is refused, and any other is logged', async () => {
    await updateWorkPool(world, 'pull', { description: 'new' }, { paused: true })
    const fields = { poolId: pool.id, pool: 'pull', paused: true }
    expect(world.logged).toContainEqual({ level: 'info', message: 'work pool changed', fields })
    const gone = before(() => deleteWorkPool(world, 'pull'))
    const change = { description: 'x' }
    await expect(updateWorkPool(gone.deps, 'pull', change, {})).rejects.toMatchObject({ code: 'not_found' })
    const other = await createWorkPool(world, { name: 'other', type: 'process' })
    await markDeleting(world.table, poolLimit(other.id), { kind: 'pool', ...other }, world.clock.now())
    await expect(updateWorkPool(world, 'other', change, { paused: true })).rejects.toMatchObject({
      code: 'being_deleted',
    })
  })

  it('of a reserved pool may be one of its limit alone', async () => {
    const reserved = (change: object) => updateWorkPool(world, 'prefect-managed', change, { paused: true })
    await expect(reserved({})).rejects.toMatchObject({ code: 'not_found' })
    await expect(reserved({ description: undefined })).rejects.toMatchObject({ code: 'not_found' })
    await expect(reserved({ description: 'x' })).rejects.toMatchObject({ code: 'reserved_name' })
    await expect(updateWorkPool(world, 'pull', { description: 'x' }, {})).resolves.toBeUndefined()
  })

  it('of a template or a storage configuration that is too large, or no template, is refused', async () => {
    const large = { text: 'x'.repeat(500_000) }
    const act = (change: object) => updateWorkPool(world, 'pull', change, {})
    await expect(act({ storageConfiguration: large })).rejects.toMatchObject({ code: 'too_large' })
    const baseJobTemplate = { job_configuration: { env: large }, variables: {} }
    await expect(act({ baseJobTemplate })).rejects.toMatchObject({ code: 'too_large' })
    await expect(
      act({ baseJobTemplate: { job_configuration: { command: '{{ none }}' }, variables: {} } }),
    ).rejects.toBeInstanceOf(DomainError)
  })

  it('may let waiting runs start by a resume, or by a limit that is higher than it was', () => {
    const limit = (cap: number | null, paused = false) => aLimit('pool#p', cap, { paused })
    expect(openingOf(limit(1, true), { paused: false })).toBe('resumed')
    expect(openingOf(limit(1, false), { paused: false })).toBeNull()
    expect(openingOf(limit(1, false), { paused: true })).toBeNull()
    expect(openingOf(undefined, { paused: false })).toBe('resumed')
    expect(openingOf(limit(1, true), { paused: true, limit: 2 })).toBe('limit-raised')
    expect(openingOf(limit(2), { limit: 2 })).toBeNull()
    expect(openingOf(limit(2), { limit: 1 })).toBeNull()
    expect(openingOf(limit(2), { limit: null })).toBe('limit-raised')
    expect(openingOf(limit(null), { limit: 5 })).toBeNull()
    expect(openingOf(undefined, { limit: 1 })).toBe('limit-raised')
    expect(openingOf(undefined, { limit: 0 })).toBeNull()
    expect(openingOf(limit(1), {})).toBeNull()
  })
})

describe('what is shown', () => {
  it('of a pool says whether it is served, which is read of pools of workers alone', async () => {
    const push = await createWorkPool(world, { name: 'push', type: 'ecs:push' })
    const agents = await ensureAgentPool(world)
    await recordHeartbeat(world.table, { poolId: pool.id, name: 'w', intervalSeconds: 30, now: world.clock.now() })
    let reads = 0
    const deps = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb QueryCommand') reads += 1
      return await go()
    })
    const views = await getWorkPoolViews(deps, [pool, push, agents])
    expect(views.map(({ status }) => status)).toEqual(['READY', 'READY', null])
    // One of its workers, and one of all agents.
    expect(reads).toBe(2)
  })

  it('of a pool or queue whose limit is gone is that it is not paused', async () => {
    await updateWorkPool(world, 'pull', {}, { paused: true })
    await updateWorkQueue(world, queue, {}, { paused: true })
    expect((await getWorkPoolViews(world, [pool]))[0]?.status).toBe('PAUSED')
    expect((await getWorkQueueViews(world, [queue]))[0]?.status).toBe('PAUSED')
    await deleteItem(world.table, limitItemKey(queueLimit(queue.id)))
    await deleteItem(world.table, limitItemKey(poolLimit(pool.id)))
    expect(await getWorkPoolViews(world, [pool])).toMatchObject([{ limit: undefined, status: 'NOT_READY' }])
    expect(await getWorkQueueViews(world, [queue])).toMatchObject([{ limit: undefined, status: 'NOT_READY' }])
  })

  it('of a queue is READY without a poll in a push pool alone', async () => {
    const push = await createWorkPool(world, { name: 'push', type: 'ecs:push' })
    const pushed = await requireQueue(world, push.name, 'default')
    const views = await getWorkQueueViews(world, [queue, pushed])
    expect(views.map(({ status }) => status)).toEqual(['NOT_READY', 'READY'])
    await deleteWorkPool(world, 'push')
    expect((await getWorkQueueViews(world, [pushed]))[0]?.status).toBe('NOT_READY')
  })
})
