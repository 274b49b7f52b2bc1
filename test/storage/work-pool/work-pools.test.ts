import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import {
  deletionKey,
  limitItemKey,
  poolKey,
  poolLinesKey,
  queueKey,
  waitingPoolKey,
  workerKey,
} from '#shared/storage/dynamo/table.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { addWaitingPool, isWaitingPool } from '#shared/storage/limit/waiting-pools.ts'
import { createPool } from '#shared/storage/work-pool/create-pool.ts'
import { deletePool } from '#shared/storage/work-pool/delete-pool.ts'
import { deleteWorker } from '#shared/storage/work-pool/delete-worker.ts'
import { forgetPoolLines } from '#shared/storage/work-pool/forget-pool-lines.ts'
import { getPlace } from '#shared/storage/work-pool/get-place.ts'
import { getPool, getPoolByName } from '#shared/storage/work-pool/get-pool.ts'
import { getPoolLines, listLineIds } from '#shared/storage/work-pool/list-pool-lines.ts'
import { listPools } from '#shared/storage/work-pool/list-pools.ts'
import { listWorkers } from '#shared/storage/work-pool/list-workers.ts'
import { recordHeartbeat } from '#shared/storage/work-pool/record-heartbeat.ts'
import { getPoolPoll, recordPoolPoll, recordQueuePoll } from '#shared/storage/work-pool/record-poll.ts'
import { updatePool } from '#shared/storage/work-pool/update-pool.ts'
import { createQueue } from '#shared/storage/work-queue/create-queue.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { aPool, aQueue } from '../../support/fixtures/a-pool.ts'
import { at, LIFE, T0 } from '../../support/fixtures/a-run.ts'
import { changesNothing, putItem, tableItems } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const OTHER_LIFE = 'fedcba9876543210'
let last = 0
let pool: WorkPool
let queue: WorkQueue
beforeEach(() => {
  last += 1
  pool = aPool(`p${last}`)
  queue = aQueue(pool)
})
const create = (of = pool) => createPool(world.table, of, { limit: 3, paused: false }, queue)
const mark = (life = LIFE) =>
  markDeleting(world.table, poolLimit(pool.id), { kind: 'pool', id: pool.id, life, name: pool.name }, T0)
const itemsOfPool = async () => [...(await tableItems(world.table)).keys()].filter((key) => key.includes(pool.id))

describe('creating a pool', () => {
  it('writes it with its default queue, the limits of both and its lines', async () => {
    pool = { ...pool, description: 'd', silentWorkerMinutes: 5 }
    expect(await create()).toBe(true)
    expect(await getPool(world.table, pool.id)).toEqual(pool)
    expect(await getQueue(world.table, pool.id, queue.id)).toEqual(queue)
    const limits = await getLimits(world.table, [poolLimit(pool.id), queueLimit(queue.id)])
    expect([...limits.values()]).toMatchObject(
      [{ limit: 3 }, { limit: null }].map((each) => ({ ...each, active: 0, paused: false })),
    )
    const { id, name, life } = pool
    const lines = { id, name, life, push: false, silentWorkerMinutes: 5, deletedAt: null }
    expect(await getPoolLines(world.table, id)).toEqual(lines)
  })

  it.each(['pool', "pool's limit", 'queue', "queue's limit"] as const)(
    'writes nothing where there is such a %s',
    async (which) => {
      await create()
      const keys = {
        pool: poolKey(pool.id),
        "pool's limit": limitItemKey(poolLimit(pool.id)),
        queue: queueKey(pool.id, queue.id),
        "queue's limit": limitItemKey(queueLimit(queue.id)),
      }
      for (const [name, key] of Object.entries(keys)) if (name !== which) await deleteItem(world.table, key)
      expect(await changesNothing(world.table, () => create(aPool(pool.name, { life: OTHER_LIFE })))).toBe(false)
    },
  )
})

describe('settings of a pool', () => {
  const change = { description: 'new', silentWorkerMinutes: 5 }
  const update = (life = LIFE, limit = {}) => updatePool(world.table, { id: pool.id, life }, change, limit, at(5))

  it('are changed with those of its limit and its lines', async () => {
    await create()
    expect(await update(LIFE, { limit: 7, paused: true })).toBe('updated')
    expect(await getPool(world.table, pool.id)).toEqual({ ...pool, ...change, updated: at(5) })
    expect(await getPoolLines(world.table, pool.id)).toMatchObject({ silentWorkerMinutes: 5 })
    const [limit] = (await getLimits(world.table, [poolLimit(pool.id)])).values()
    expect(limit).toMatchObject({ limit: 7, available: 7, paused: true })
    expect(await updatePool(world.table, pool, {}, { limit: 8 }, at(5))).toBe('updated')
    const [raised] = (await getLimits(world.table, [poolLimit(pool.id)])).values()
    expect(raised).toMatchObject({ limit: 8, paused: true })
    const cleared = { description: null, silentWorkerMinutes: null }
    await updatePool(world.table, pool, cleared, {}, at(6))
    expect(await getPool(world.table, pool.id)).toEqual({ ...pool, updated: at(6) })
    expect(await getPoolLines(world.table, pool.id)).toMatchObject({ silentWorkerMinutes: null })
  })

  it('are not changed for another life of it, whichever of its items is of that life', async () => {
    expect(await changesNothing(world.table, () => update())).toBe('gone')
    await create()
    expect(await changesNothing(world.table, () => update(OTHER_LIFE, { limit: 7 }))).toBe('gone')
    const another = { id: pool.id, life: OTHER_LIFE }
    const rename = () => updatePool(world.table, another, { description: 'new' }, { limit: 7 }, at(5))
    expect(await changesNothing(world.table, rename)).toBe('gone')
    await putItem(world.table, { ...(await getItem(world.table, poolLinesKey(pool.id))), life: OTHER_LIFE })
    expect(await changesNothing(world.table, () => update(LIFE, { limit: 7 }))).toBe('gone')
  })

  it('are not changed once it is being deleted', async () => {
    await create()
    await mark()
    expect(await changesNothing(world.table, () => update(LIFE, { paused: true }))).toBe('deleting')
  })
})

describe('deleting a pool', () => {
  const remove = (life = LIFE) => deletePool(world.table, { id: pool.id, life }, at(9))
  /** More of them than one transaction removes. */
  async function createMuch() {
    await create()
    for (let n = 0; n < 60; n += 1) {
      const revised = { ...pool, queuesRevision: n }
      await createQueue(
        world.table,
        revised,
        aQueue(pool, `q${n}`, { priority: n + 2 }),
        { limit: null, paused: false },
        [],
      )
    }
    const renamed = { ...aQueue(pool, 'renamed'), id: aQueue(pool, 'former').id, priority: 99 }
    await createQueue(world.table, { ...pool, queuesRevision: 60 }, renamed, { limit: null, paused: false }, [])
    await recordHeartbeat(world.table, { poolId: pool.id, name: 'w', intervalSeconds: 30, now: T0 })
  }

  it('removes all that belongs to it but its lines, which say so, and forgets the deletion', async () => {
    await createMuch()
    const queueLimits = [...(await tableItems(world.table)).values()].filter((item) => item.poolId === pool.id)
    expect(queueLimits).toHaveLength(63)
    expect(await mark()).toBe(true)
    expect(await getItem(world.table, deletionKey('pool', pool))).toMatchObject({ life: LIFE, due: at(30) })
    expect(await remove()).toBe(true)
    expect(await itemsOfPool()).toEqual([`lines ${pool.id}`])
    expect([...(await tableItems(world.table)).values()].filter((item) => item.poolId === pool.id)).toEqual([])
    expect(await getPoolLines(world.table, pool.id)).toMatchObject({ life: LIFE, deletedAt: at(9) })
    expect(await changesNothing(world.table, () => remove())).toBe(false)
  })

  it('removes nothing of it while it is not being deleted, or is another life that is', async () => {
    await createMuch()
    expect(await changesNothing(world.table, () => remove())).toBe(false)
    await mark()
    expect(await changesNothing(world.table, () => remove(OTHER_LIFE))).toBe(false)
  })

  it('removes no pool that its limit says nothing of', async () => {
    await create()
    expect(await changesNothing(world.table, () => remove())).toBe(false)
    for (const key of [poolKey(pool.id), poolLinesKey(pool.id)]) {
      await mark()
      const item = await getItem(world.table, key)
      await putItem(world.table, { ...item, life: OTHER_LIFE })
      await expect(remove()).rejects.toThrow('ConditionalCheckFailed')
      expect(await getItem(world.table, key)).toEqual({ ...item, life: OTHER_LIFE })
      await putItem(world.table, { ...item })
    }
  })
})

describe('pools', () => {
  it('are listed by name, and read by it', async () => {
    const names = ['B', 'A', 'C'].map((name) => `${name}${last}`)
    for (const name of names)
      await createPool(world.table, aPool(name), { limit: 1, paused: false }, aQueue(aPool(name)))
    const listed = (await listPools(world.table)).map(({ name }) => name).filter((name) => names.includes(name))
    expect(listed).toEqual(names.toSorted())
    expect(await getPoolByName(world.table, `A${last}`)).toEqual(aPool(`A${last}`))
    expect(await getPoolByName(world.table, 'none')).toBeUndefined()
    const lines = await listLineIds(world.table)
    expect(lines[0]).toBeNull()
    expect(lines).toEqual(expect.arrayContaining(names.map((name) => aPool(name).id)))
  })
})

describe('the lines of a pool', () => {
  it('are forgotten, with who waits there, once that life of it is deleted', async () => {
    await create()
    await addWaitingPool(world.table, 'deployment#none', { poolId: pool.id, push: false })
    const forget = (life = LIFE) =>
      forgetPoolLines(world.table, { ...pool, life, push: false, silentWorkerMinutes: null, deletedAt: null })
    await changesNothing(world.table, () => forget())
    await mark()
    await deletePool(world.table, pool, at(9))
    await changesNothing(world.table, () => forget(OTHER_LIFE))
    await forget()
    expect(await getPoolLines(world.table, pool.id)).toBeUndefined()
    expect(await getItem(world.table, waitingPoolKey(pool.id))).toBeUndefined()
    expect(await isWaitingPool(world.table, pool.id)).toBe(false)
  })
})

describe('a worker', () => {
  it('is known from its first heartbeat, by its latest, and dropped by DynamoDB long after', async () => {
    const beat = (seconds: number, intervalSeconds: number | null) =>
      recordHeartbeat(world.table, { poolId: pool.id, name: 'w', intervalSeconds, now: at(seconds) })
    await beat(0, 30)
    await beat(10, 60)
    await recordHeartbeat(world.table, { poolId: pool.id, name: 'v', intervalSeconds: null, now: at(9) })
    await recordHeartbeat(world.table, { poolId: pool.id, name: 'x', intervalSeconds: null, now: at(11) })
    const w = { name: 'w', created: at(0), lastHeartbeat: at(10), heartbeatIntervalSeconds: 60 }
    expect(await listWorkers(world.table, pool.id)).toMatchObject([{ name: 'x' }, w, { name: 'v' }])
    const item = await getItem(world.table, workerKey(pool.id, 'w'))
    expect(Number(item?.expiresAt)).toBeGreaterThan(at(10) / 1_000_000 + 86_400)
  })

  it('is deleted if it is there, and the pool is of that life', async () => {
    await create()
    await recordHeartbeat(world.table, { poolId: pool.id, name: 'w', intervalSeconds: 30, now: T0 })
    const remove = (life: string, name: string) => deleteWorker(world.table, { id: pool.id, life }, name)
    expect(await changesNothing(world.table, () => remove(OTHER_LIFE, 'w'))).toBe(false)
    expect(await changesNothing(world.table, () => remove(LIFE, 'none'))).toBe(false)
    expect(await remove(LIFE, 'w')).toBe(true)
    expect(await listWorkers(world.table, pool.id)).toEqual([])
  })
})

describe('a poll', () => {
  it('is recorded of a queue that is there, and brings none back that was deleted', async () => {
    await changesNothing(world.table, () => recordQueuePoll(world.table, pool.id, queue.id, at(5)))
    await create()
    await recordQueuePoll(world.table, pool.id, queue.id, at(5))
    expect(await getQueue(world.table, pool.id, queue.id)).toEqual({ ...queue, lastPolled: at(5) })
  })

  it('of all queues counts for those that were there then', async () => {
    await create()
    expect(await getPoolPoll(world.table, pool.id)).toBeNull()
    await recordPoolPoll(world.table, pool.id, at(5))
    expect(await getPoolPoll(world.table, pool.id)).toBe(at(5))
    for (const [n, created] of [at(5), at(6)].entries()) {
      const later = aQueue(pool, `later ${n}`, { created, priority: n + 2 })
      await createQueue(world.table, { ...pool, queuesRevision: n }, later, { limit: null, paused: false }, [])
    }
    const polls = (await listQueues(world.table, pool.id)).map(({ name, lastPolled }) => [name, lastPolled])
    expect(polls).toEqual([
      ['default', at(5)],
      ['later 0', at(5)],
      ['later 1', null],
    ])
  })
})

describe('a place', () => {
  it('says what of it is being deleted, or missing', async () => {
    const place = () => getPlace(world.table, pool.id, queue.id)
    expect(await place()).toEqual({ pool: undefined, queue: 'missing', deleting: null })
    await create()
    expect(await place()).toEqual({ pool, queue: 'open', deleting: null })
    await markDeleting(world.table, queueLimit(queue.id), { kind: 'queue', id: queue.id, life: LIFE }, T0)
    expect(await place()).toMatchObject({ deleting: 'queue' })
    await mark()
    expect(await place()).toMatchObject({ deleting: 'pool' })
  })
})
