import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { batchDelete } from '#shared/storage/dynamo/batch-delete.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { queryPage } from '#shared/storage/dynamo/query.ts'
import { type Key, logsPartition, type Table } from '#shared/storage/dynamo/table.ts'

/** Removes all log lines of a run in one of its lives. */
export async function deleteLogs(table: Table, run: RunRef): Promise<void> {
  let after: Item | undefined
  do {
    const page = await queryPage(table, {
      keyCondition: '#pk = :pk',
      projection: '#pk, #sk',
      values: { pk: logsPartition(run) },
      consistent: true,
      after,
    })
    await batchDelete(table, page.items as unknown as Key[])
    after = page.after
  } while (after)
}
