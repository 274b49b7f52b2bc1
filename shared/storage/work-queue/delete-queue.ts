import { queueLimit } from '#shared/limit/limit.ts'
import { limitItemKey, queueKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'

/**
 * Removes a queue and its limit, once the limit is marked as being deleted and nothing is held under it. True when they
 * are gone, also when another request removed them; false when the queue has been recreated.
 */
export async function deleteQueue(table: Table, poolId: string, queueId: string): Promise<boolean> {
  try {
    await transact(table, [
      deleteAction(table, queueKey(poolId, queueId)),
      deleteAction(table, limitItemKey(queueLimit(queueId)), {
        condition: 'attribute_not_exists(#pk) OR (#deleting = :true AND #active = :zero)',
        values: { true: true, zero: 0 },
      }),
    ])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(1)) return false
    throw error
  }
}
