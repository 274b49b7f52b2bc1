import { poolLinesKey, type Table, waitingPoolKey } from '#shared/storage/dynamo/table.ts'
import { deleteAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'

/**
 * Forgets the lines of a deleted pool, and that runs have waited for limits in it, unless it has been created again: both
 * at once, as runs that wait there by then are found by them.
 */
export async function forgetPoolLines(table: Table, { id, life }: PoolLines): Promise<void> {
  const deleted = { condition: '#life = :life AND attribute_exists(#deletedAt)', values: { life } }
  try {
    await transact(table, [deleteAction(table, poolLinesKey(id), deleted), deleteAction(table, waitingPoolKey(id))])
  } catch (error) {
    if (!(error instanceof TransactionRefused && error.failedAt(0))) throw error
  }
}
