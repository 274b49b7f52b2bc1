import { queueLimit } from '#shared/limit/limit.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { limitItemKey, poolPollKey, queueKey, queueNameKey, type Table } from '#shared/storage/dynamo/table.ts'
import { queueIdOf, type WorkQueue } from '#shared/work-queue/work-queue.ts'
import { decodeQueues } from './queue-codec.ts'

/** Reads a queue, consistently; undefined when there is none. */
export async function getQueue(table: Table, poolId: string, queueId: string): Promise<WorkQueue | undefined> {
  return (await getQueues(table, poolId, [queueId]))[0]
}

/** Reads several queues of a pool, consistently by default, in no particular order; missing ones are left out. */
export async function getQueues(
  table: Table,
  poolId: string,
  queueIds: readonly string[],
  consistent = true,
): Promise<WorkQueue[]> {
  const keys = [...new Set(queueIds)].map((queueId) => queueKey(poolId, queueId))
  return decodeQueues(await batchGet(table, [...keys, poolPollKey(poolId)], consistent))
}

/** Reads the queue of that name, consistently; undefined when there is none. */
export async function getQueueNamed(table: Table, poolId: string, name: string): Promise<WorkQueue | undefined> {
  return (await getQueuesNamed(table, poolId, [name]))[0]
}

/**
 * Reads several queues of a pool by name, in no particular order; missing ones are left out. Only those that were
 * renamed, or took the name of one that was, cost more reads than by id. Consistently, unless half the price is worth
 * missing one that came, or was renamed, just now.
 */
export async function getQueuesNamed(
  table: Table,
  poolId: string,
  names: readonly string[],
  consistent = true,
): Promise<WorkQueue[]> {
  const wanted = new Set(names)
  const ids = [...wanted].map((name) => queueIdOf(poolId, name))
  const found = (await getQueues(table, poolId, ids, consistent)).filter(({ name }) => wanted.has(name))
  const left = [...wanted].filter((name) => !found.some((queue) => queue.name === name))
  const aliases = await batchGet(
    table,
    left.map((name) => queueNameKey(poolId, name)),
  )
  if (aliases.length === 0) return found
  const renamed = await getQueues(
    table,
    poolId,
    aliases.map(({ queueId }) => String(queueId)),
  )
  // An alias may outlive its queue.
  return [...found, ...renamed.filter(({ name }) => left.includes(name))]
}

/** Reads a queue whose pool is not known: its limit's item names the pool. Undefined when there is none. */
export async function getQueueByName(table: Table, queueId: string): Promise<WorkQueue | undefined> {
  const limit = await getItem(table, limitItemKey(queueLimit(queueId)))
  return typeof limit?.poolId === 'string' ? await getQueue(table, limit.poolId, queueId) : undefined
}
