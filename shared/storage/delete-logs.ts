import { batchDelete } from './batch-delete.ts'
import type { Item } from './expression.ts'
import { queryPage } from './query.ts'
import { type Key, logsPartition, type Table } from './table.ts'

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
