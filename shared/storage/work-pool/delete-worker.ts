import { poolKey, type Table, workerKey } from '#shared/storage/dynamo/table.ts'
import { checkAction, deleteAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'

/** Deletes a worker of this life of a pool; false when there was none. */
export async function deleteWorker(
  table: Table,
  { id, life }: Pick<WorkPool, 'id' | 'life'>,
  name: string,
): Promise<boolean> {
  try {
    await transact(table, [
      deleteAction(table, workerKey(id, name), { condition: 'attribute_exists(#pk)' }),
      checkAction(table, poolKey(id), { condition: '#life = :life', values: { life } }),
    ])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && (error.failedAt(0) || error.failedAt(1))) return false
    throw error
  }
}
