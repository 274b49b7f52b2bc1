import type { WorkQueue } from '../work-queue/work-queue.ts'
import { queryAll } from './query.ts'
import { decodeQueues } from './queue-codec.ts'
import { queueKey, type Table } from './table.ts'

/** Reads every queue of a pool, the highest priority first. */
export async function listQueues(table: Table, poolId: string): Promise<WorkQueue[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: queueKey(poolId, '').pk } })
  return decodeQueues(items).toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1))
}
