import { batchDelete } from '#shared/storage/dynamo/batch-delete.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { queryPage } from '#shared/storage/dynamo/query.ts'
import { type Key, logsPartition, type Table } from '#shared/storage/dynamo/table.ts'

/** Removes all log lines of a run. */
export async function deleteLogs(table: Table, runId: string): Promise<void> {
  let after: Item | undefined
  do {
    const page = await queryPage(table, {
      keyCondition: '#pk = :pk',
      projection: '#pk, #sk',
      values: { pk: logsPartition(runId) },
      consistent: true,
      after,
    })
    await batchDelete(table, page.items as unknown as Key[])
    after = page.after
  } while (after)
}
