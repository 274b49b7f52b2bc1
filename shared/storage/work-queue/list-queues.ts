import { queryAll } from '#shared/storage/dynamo/query.ts'
import { queueKey, type Table } from '#shared/storage/dynamo/table.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { decodeQueues } from './queue-codec.ts'

/** Reads every queue of a pool, the highest priority first. */
export async function listQueues(table: Table, poolId: string): Promise<WorkQueue[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: queueKey(poolId, '').pk } })
  return decodeQueues(items).toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1))
}
