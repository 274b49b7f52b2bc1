import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { runDetailsKey, runKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { chunkItems, encodeDetails } from './run-details.ts'

/** Removes a run with its details, if it is still as it was read; false when another write came first. */
export async function deleteRun(table: Table, run: FlowRun): Promise<boolean> {
  const chunks = chunkItems(run.id, encodeDetails(run.details))
  try {
    await transact(table, [
      deleteAction(table, runKey(run.id), { condition: '#revision = :revision', values: { revision: run.revision } }),
      ...chunks.map((_, chunk) => deleteAction(table, runDetailsKey(run.id, chunk))),
    ])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(0)) return false
    throw error
  }
}
