import { DELETION_GRACE_SECONDS, type Deletion } from '#shared/deletion/deletion.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { beginAction } from '#shared/storage/deletion/deletion-actions.ts'
import { limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'
import { TransactionRefused, transact, updateAction } from '#shared/storage/dynamo/transact.ts'

/**
 * Marks the limit of a pool or queue as being deleted, if it is of that life and nothing is held under it, and writes the
 * deletion down with it; from then on no claim commits. False when it is held, gone, or of another life.
 */
export async function markDeleting(
  table: Table,
  key: LimitKey,
  deletion: Omit<Deletion, 'due'>,
  now: Instant,
): Promise<boolean> {
  try {
    await transact(table, [
      updateAction(table, limitItemKey(key), {
        update: 'SET #deleting = :true',
        condition: '#active = :zero AND #life = :life',
        values: { true: true, zero: 0, life: deletion.life },
      }),
      beginAction(table, { ...deletion, due: addSeconds(now, DELETION_GRACE_SECONDS) }),
    ])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(0)) return false
    throw error
  }
}
