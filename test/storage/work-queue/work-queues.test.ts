import type { BatchGetItemInput, TransactWriteItemsInput } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { queueKey, queueNameKey, type Table } from '#shared/storage/dynamo/table.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { createPool } from '#shared/storage/work-pool/create-pool.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { createQueue, type PriorityMove } from '#shared/storage/work-queue/create-queue.ts'
import { deleteQueue } from '#shared/storage/work-queue/delete-queue.ts'
import { getQueue, getQueueByName, getQueueNamed, getQueuesNamed } from '#shared/storage/work-queue/get-queue.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { type QueueChange, updateQueue } from '#shared/storage/work-queue/update-queue.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { answerLost, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aPool, aQueue } from '../../support/fixtures/a-pool.ts'
import { at, LIFE, T0 } from '../../support/fixtures/a-run.ts'
import { changesNothing, putItem } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const OTHER_LIFE = 'fedcba9876543210'
let last = 0
let pool: WorkPool
let first: WorkQueue
/** A pool with its default queue. */
beforeEach(async () => {
  last += 1
  pool = aPool(`p${last}`)
  first = aQueue(pool)
  await createPool(world.table, pool, { limit: null, paused: false }, first)
})

const OPEN = { limit: 4, paused: false }
const create = (queue: WorkQueue, of: Partial<WorkPool> = {}, moves: PriorityMove[] = []) =>
  createQueue(world.table, { ...pool, ...of }, queue, OPEN, moves)
const update = (queue: WorkQueue, change: QueueChange, limit = {}) =>
  updateQueue(world.table, queue, change, limit, at(5))
const read = ({ id }: WorkQueue) => getQueue(world.table, pool.id, id)
const mark = ({ id }: WorkQueue, life = LIFE) =>
  markDeleting(world.table, queueLimit(id), { kind: 'queue', id, life, poolId: pool.id }, T0)
const revision = async () => (await getPool(world.table, pool.id))?.queuesRevision
const limitOf = async ({ id }: WorkQueue) => (await getLimits(world.table, [queueLimit(id)])).get(queueLimit(id))

describe('creating a queue', () => {
  it('writes it, its limit and the priorities that make way, and the pool has other queues than before', async () => {
    const queue = aQueue(pool, 'q', { filter: { tags: ['a'] }, lastPolled: at(2), updated: at(3) })
    expect(await create(queue, {}, [{ id: first.id, priority: 2 }])).toBe('created')
    expect(await read(queue)).toEqual(queue)
    expect(await read(first)).toEqual({ ...first, priority: 2, updated: at(3) })
    expect(await limitOf(queue)).toMatchObject({ limit: 4, active: 0, available: 4 })
    expect(await revision()).toBe(1)
    expect(await getQueueByName(world.table, queue.id)).toEqual(queue)
    expect(await getQueueByName(world.table, aQueue(pool, 'none').id)).toBeUndefined()
    expect((await listQueues(world.table, pool.id)).map(({ name }) => name)).toEqual(['q', 'default'])
    expect(await getItem(world.table, queueNameKey(pool.id, 'q'))).toBeUndefined()
  })

  it('lists those of one priority by name', async () => {
    for (const [n, name] of ['b', 'a', 'c'].entries()) await create(aQueue(pool, name), { queuesRevision: n })
    const names = (await listQueues(world.table, pool.id)).map(({ name }) => name)
    expect(names).toEqual(['a', 'b', 'c', 'default'])
  })

  it('writes nothing where there is one, or a limit is left of one', async () => {
    const queue = aQueue(pool, 'q')
    await create(queue)
    const again = { ...queue, life: OTHER_LIFE }
    expect(await changesNothing(world.table, () => create(again, { queuesRevision: 1 }))).toBe('exists')
    await deleteItem(world.table, queueKey(pool.id, queue.id))
    expect(await changesNothing(world.table, () => create(again, { queuesRevision: 1 }))).toBe('outdated')
  })

  it('writes nothing where its pool is not as it was seen', async () => {
    const queue = aQueue(pool, 'q', { priority: 2 })
    await create(aQueue(pool, 'other', { priority: 3 }))
    expect(await changesNothing(world.table, () => create(queue))).toBe('outdated')
    const of = { queuesRevision: 1, life: OTHER_LIFE }
    expect(await changesNothing(world.table, () => create(queue, of))).toBe('outdated')
    const moves = [{ id: aQueue(pool, 'gone').id, priority: 3 }]
    expect(await changesNothing(world.table, () => create(queue, { queuesRevision: 1 }, moves))).toBe('outdated')
  })

  it('writes nothing where its pool is being deleted', async () => {
    await markDeleting(world.table, poolLimit(pool.id), { kind: 'pool', id: pool.id, life: LIFE }, T0)
    expect(await changesNothing(world.table, () => create(aQueue(pool, 'q')))).toBe('deleting')
    expect(await changesNothing(world.table, () => create(aQueue(pool, 'q'), { life: OTHER_LIFE }))).toBe('outdated')
  })
})

describe('changing a queue', () => {
  it('changes its settings, its limit and the priorities around it', async () => {
    const queue = aQueue(pool, 'q', { priority: 2, filter: { tags: ['a'] } })
    await create(queue)
    const place = { pool: { ...pool, queuesRevision: 1 }, priority: 1, moves: [{ id: first.id, priority: 2 }] }
    const change = { description: 'new', filter: null, place }
    expect(await update(queue, change, { limit: null, paused: true })).toBe('updated')
    expect(await read(queue)).toEqual({ ...queue, description: 'new', filter: null, priority: 1, updated: at(5) })
    expect(await read(first)).toMatchObject({ priority: 2, updated: at(5) })
    expect(await limitOf(queue)).toMatchObject({ limit: null, paused: true })
    expect(await revision()).toBe(2)
  })

  it('leaves what is omitted as it is', async () => {
    const queue = aQueue(pool, 'q', { priority: 2, filter: { tags: ['a'] } })
    await create(queue)
    expect(await update(queue, { filter: { tags: ['b'] } }, { limit: 3 })).toBe('updated')
    expect(await update(queue, { description: 'new' }, { paused: true })).toBe('updated')
    const changed = { description: 'new', filter: { tags: ['b'] }, updated: at(5) }
    expect(await read(queue)).toEqual({ ...queue, ...changed })
    expect(await limitOf(queue)).toMatchObject({ limit: 3, paused: true })
  })

  it('changes nothing of another life, nor of one that is being deleted', async () => {
    const another = { ...first, life: OTHER_LIFE }
    expect(await changesNothing(world.table, () => update(another, {}, { paused: true }))).toBe('gone')
    await mark(first)
    expect(await changesNothing(world.table, () => update(first, {}, { paused: true }))).toBe('deleting')
  })

  it('changes neither place nor name once the pool has other queues', async () => {
    await create(aQueue(pool, 'q', { priority: 2 }))
    const place = { pool, priority: 7, moves: [] }
    expect(await changesNothing(world.table, () => update(first, { place }))).toBe('outdated')
    const rename = { pool, from: 'default', to: 'new' }
    expect(await changesNothing(world.table, () => update(first, { rename }))).toBe('outdated')
    const both = { place: { ...place, pool: { ...pool, queuesRevision: 1 } }, rename }
    expect(await update(first, both)).toBe('updated')
  })
})

describe('a renamed queue', () => {
  const rename = async (queue: WorkQueue, from: string, to: string) =>
    await update(queue, { rename: { pool: { ...pool, queuesRevision: (await revision()) ?? 0 }, from, to } })
  const named = async (name: string) => (await getQueueNamed(world.table, pool.id, name))?.id

  it('is found by its latest name alone', async () => {
    for (const [from, to] of [
      ['default', 'b'],
      ['b', 'c'],
    ] as const) {
      expect(await rename(first, from, to)).toBe('updated')
    }
    expect(await Promise.all(['default', 'b', 'c'].map(named))).toEqual([undefined, undefined, first.id])
    expect(await getItem(world.table, queueNameKey(pool.id, 'b'))).toBeUndefined()
    await create(aQueue(pool, 'q', { priority: 2 }), { queuesRevision: 2 })
    const found = await getQueuesNamed(world.table, pool.id, ['q', 'c', 'default'])
    expect(found.map(({ name }) => name)).toEqual(['q', 'c'])
    expect(await rename(first, 'c', 'default')).toBe('updated')
    expect(await Promise.all(['c', 'default'].map(named))).toEqual([undefined, first.id])
  })

  it('gives way to no queue that has got its name, and is not found by a name that outlived it', async () => {
    await rename(first, 'default', 'b')
    const another = aQueue(pool, 'other', { priority: 2 })
    await create(another, { queuesRevision: 1 })
    await putItem(world.table, { ...queueNameKey(pool.id, 'b'), queueId: another.id })
    expect(await changesNothing(world.table, () => rename(first, 'b', 'c'))).toBe('outdated')
    expect(await named('b')).toBeUndefined()
    await deleteItem(world.table, queueNameKey(pool.id, 'b'))
    expect(await rename(first, 'b', 'c')).toBe('updated')
  })

  it('takes its name along when it is deleted, unless another queue has got it', async () => {
    const queues = [aQueue(pool, 'x', { priority: 2 }), aQueue(pool, 'y', { priority: 3 })]
    for (const queue of queues) {
      await create(queue, { queuesRevision: (await revision()) ?? 0 })
      await rename(queue, queue.name, `${queue.name}2`)
    }
    await putItem(world.table, { ...queueNameKey(pool.id, 'y2'), queueId: first.id })
    for (const queue of queues) {
      await mark(queue)
      expect(await deleteQueue(world.table, { ...queue, name: `${queue.name}2` })).toBe(true)
    }
    expect(await getItem(world.table, queueNameKey(pool.id, 'x2'))).toBeUndefined()
    expect(await getItem(world.table, queueNameKey(pool.id, 'y2'))).toMatchObject({ queueId: first.id })
  })

  it('is found by its new name when it is created under an id of another', async () => {
    const queue = { ...aQueue(pool, 'a'), id: aQueue(pool, 'z').id, priority: 2 }
    expect(await create(queue)).toBe('created')
    expect(await named('a')).toBe(queue.id)
    expect(await named('z')).toBeUndefined()
  })
})

describe('the name of a queue', () => {
  /** What an act reads and writes: how many items by each request. */
  async function requests(act: (table: Table) => Promise<unknown>): Promise<number[]> {
    const counts: number[] = []
    const { table } = withInterceptor(world, async ({ input }, go) => {
      const { TransactItems = [], RequestItems = {} } = input as TransactWriteItemsInput & BatchGetItemInput
      counts.push(TransactItems.length + Object.values(RequestItems).flatMap(({ Keys = [] }) => Keys).length)
      return await go()
    })
    await act(table)
    return counts
  }

  it('costs nothing where its id comes from it', async () => {
    expect(await requests((table) => getQueueNamed(table, pool.id, 'default'))).toEqual([2])
    const rename = { pool, from: 'default', to: 'b' }
    expect(await requests((table) => updateQueue(table, first, { rename }, {}, at(5)))).toEqual([3])
    const queue = aQueue(pool, 'q', { priority: 2 })
    await create(queue, { queuesRevision: 1 })
    await mark(queue)
    expect(await requests((table) => deleteQueue(table, queue))).toEqual([2])
  })

  it('takes another read where no queue has it', async () => {
    expect(await requests((table) => getQueueNamed(table, pool.id, 'none'))).toEqual([2, 1])
  })

  it('is not taken for removed when that failed', async () => {
    await update(first, { rename: { pool, from: 'default', to: 'b' } })
    await mark(first)
    let writes = 0
    const { table } = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb TransactWriteItemsCommand' && (writes += 1) === 2) throw answerLost(name)
      return await go()
    })
    await expect(deleteQueue(table, { ...first, name: 'b' })).rejects.toThrow('no answer')
  })
})

describe('deleting a queue', () => {
  it('removes it and its limit, of the life that is being deleted', async () => {
    expect(await changesNothing(world.table, () => deleteQueue(world.table, first))).toBe(false)
    expect(await mark(first, OTHER_LIFE)).toBe(false)
    await mark(first)
    const another = { ...first, life: OTHER_LIFE }
    expect(await changesNothing(world.table, () => deleteQueue(world.table, another))).toBe(false)
    expect(await deleteQueue(world.table, first)).toBe(true)
    expect(await read(first)).toBeUndefined()
    expect(await limitOf(first)).toBeUndefined()
    expect(await changesNothing(world.table, () => deleteQueue(world.table, first))).toBe(false)
  })
})
