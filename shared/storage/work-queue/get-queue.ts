import { queueLimit } from '#shared/limit/limit.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { limitItemKey, poolPollKey, queueKey, type Table } from '#shared/storage/dynamo/table.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { decodeQueues } from './queue-codec.ts'

/** Reads a queue, consistently; undefined when there is none. */
export async function getQueue(table: Table, poolId: string, queueId: string): Promise<WorkQueue | undefined> {
  return (await getQueues(table, poolId, [queueId]))[0]
}

/** Reads several queues of a pool, consistently, in no particular order; missing ones are left out. */
export async function getQueues(table: Table, poolId: string, queueIds: readonly string[]): Promise<WorkQueue[]> {
  const keys = [...new Set(queueIds)].map((queueId) => queueKey(poolId, queueId))
  return decodeQueues(await batchGet(table, [...keys, poolPollKey(poolId)]))
}

/** Reads a queue whose pool is not known: its limit's item names the pool. Undefined when there is none. */
export async function getQueueByName(table: Table, queueId: string): Promise<WorkQueue | undefined> {
  const limit = await getItem(table, limitItemKey(queueLimit(queueId)))
  return typeof limit?.poolId === 'string' ? await getQueue(table, limit.poolId, queueId) : undefined
}
