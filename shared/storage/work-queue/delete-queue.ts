import { queueLimit } from '#shared/limit/limit.ts'
import { limitItemKey, queueKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { unnameActions } from './queue-name-actions.ts'

/**
 * Removes a queue and its limit, once the limit is marked as being deleted and nothing is held under it. True when they
 * are gone, also when another request removed them; false when the queue has been recreated.
 */
export async function deleteQueue(
  table: Table,
  { id: queueId, poolId, name }: Pick<WorkQueue, 'id' | 'poolId' | 'name'>,
): Promise<boolean> {
  try {
    await transact(table, [
      deleteAction(table, queueKey(poolId, queueId)),
      deleteAction(table, limitItemKey(queueLimit(queueId)), {
        condition: 'attribute_not_exists(#pk) OR (#deleting = :true AND #active = :zero)',
        values: { true: true, zero: 0 },
      }),
    ])
    // Another queue may have the name by now, and an alias that outlives its queue leads nowhere; so this comes after.
    await forgetName(table, { id: queueId, poolId, name })
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(1)) return false
    throw error
  }
}

async function forgetName(table: Table, queue: Pick<WorkQueue, 'id' | 'poolId' | 'name'>): Promise<void> {
  const actions = unnameActions(table, queue)
  try {
    if (actions.length > 0) await transact(table, actions)
  } catch (error) {
    if (!(error instanceof TransactionRefused && error.failedAt(0))) throw error
  }
}
