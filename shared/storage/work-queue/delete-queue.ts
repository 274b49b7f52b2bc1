import { queueLimit } from '#shared/limit/limit.ts'
import { whileDeleting } from '#shared/storage/deletion/deletion-check.ts'
import { limitItemKey, queueKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { unnameActions } from './queue-name-actions.ts'

/**
 * Removes this life of a queue and its limit, once the limit is marked as being deleted: no claim commits any more. False
 * when it is gone already, or was created again.
 */
export async function deleteQueue(
  table: Table,
  { id, poolId, life, name }: Pick<WorkQueue, 'id' | 'poolId' | 'life' | 'name'>,
): Promise<boolean> {
  try {
    await transact(table, [
      deleteAction(table, limitItemKey(queueLimit(id)), whileDeleting(life)),
      deleteAction(table, queueKey(poolId, id)),
    ])
    // Another queue may have the name by now, and an alias that outlives its queue leads nowhere; so this comes after.
    await forgetName(table, { id, poolId, name })
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(0)) return false
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
