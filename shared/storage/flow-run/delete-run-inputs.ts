import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { batchDelete } from '#shared/storage/dynamo/batch-delete.ts'
import { keyOfRow, queryAll } from '#shared/storage/dynamo/query.ts'
import { runInputKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Removes all inputs of a run in one of its lives. */
export async function deleteRunInputs(table: Table, run: RunRef): Promise<void> {
  const values = { pk: runInputKey(run, '').pk }
  const rows = await queryAll(table, { keyCondition: '#pk = :pk', projection: '#pk, #sk', values })
  await batchDelete(table, rows.map(keyOfRow))
}
