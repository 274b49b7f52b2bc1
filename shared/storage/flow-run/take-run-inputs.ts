import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { runInputKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, transact } from '#shared/storage/dynamo/transact.ts'

/** Removes inputs of a run by their keys, a few at a time; of those that are not there, nothing. */
export async function takeRunInputs(table: Table, run: RunRef, keys: readonly string[]): Promise<void> {
  const actions = [...new Set(keys)].map((key) => deleteAction(table, runInputKey(run, key)))
  if (actions.length > 0) await transact(table, actions)
}
