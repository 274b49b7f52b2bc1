import { DELETION_GRACE_SECONDS } from '#shared/deletion/deletion.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { beginAction } from '#shared/storage/deletion/deletion-actions.ts'
import { runDetailsKey, runKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { chunkItems, encodeDetails } from './run-details.ts'

/**
 * Removes a run with its details, if it is still as it was read, and writes down that what belongs to it is to follow;
 * false when another write came first.
 */
export async function deleteRun(table: Table, run: FlowRun, now: Instant): Promise<boolean> {
  const { id, life, revision } = run
  const chunks = chunkItems(id, encodeDetails(run.details))
  try {
    await transact(table, [
      deleteAction(table, runKey(id), {
        condition: '#revision = :revision AND #life = :life',
        values: { revision, life },
      }),
      beginAction(table, { kind: 'run', id, life, due: addSeconds(now, DELETION_GRACE_SECONDS) }),
      ...chunks.map((_, chunk) => deleteAction(table, runDetailsKey(id, chunk))),
    ])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(0)) return false
    throw error
  }
}
