import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import {
  type Key,
  limitItemKey,
  poolKey,
  queueKey,
  queueNameKey,
  type Table,
  workerKey,
} from '#shared/storage/dynamo/table.ts'
import { deleteAction, transact } from '#shared/storage/dynamo/transact.ts'

/** A DynamoDB transaction holds 100 actions. */
const DELETES_MAX = 100

/**
 * Deletes a pool with its queues, workers and limits, once its limit is marked as being deleted and nothing is held
 * under it: no claim commits any more, so no limit is needed. The pool itself goes last, so that a delete that was cut
 * short can be repeated under the pool's name.
 */
export async function deletePool(table: Table, poolId: string): Promise<void> {
  const [queueIds, names, workers] = await Promise.all([
    sortKeys(table, queueKey(poolId, '').pk),
    sortKeys(table, queueNameKey(poolId, '').pk),
    sortKeys(table, workerKey(poolId, '').pk),
  ])
  await deleteAll(table, [
    ...queueIds.flatMap((id) => [queueKey(poolId, id), limitItemKey(queueLimit(id))]),
    ...names.map((name) => queueNameKey(poolId, name)),
    ...workers.map((name) => workerKey(poolId, name)),
  ])
  await deleteAll(table, [poolKey(poolId), limitItemKey(poolLimit(poolId))])
}

async function sortKeys(table: Table, pk: string): Promise<string[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', projection: '#sk', values: { pk } })
  return items.map((item) => String(item.sk))
}

async function deleteAll(table: Table, keys: readonly Key[]): Promise<void> {
  for (let at = 0; at < keys.length; at += DELETES_MAX) {
    const page = keys.slice(at, at + DELETES_MAX)
    await transact(
      table,
      page.map((key) => deleteAction(table, key)),
    )
  }
}
