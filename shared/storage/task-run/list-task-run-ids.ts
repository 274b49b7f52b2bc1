import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { type Table, TIME_INDEX, taskRunKey, taskRunsListKey } from '#shared/storage/dynamo/table.ts'

/** The ids of the task runs of a flow run by expected start, at most `limit`. The index may lag behind by a moment. */
export async function listTaskRunIds(table: Table, run: RunRef, limit: number): Promise<string[]> {
  const items = await queryAll(table, {
    index: TIME_INDEX,
    keyCondition: '#listKey = :key',
    values: { key: taskRunsListKey(run) },
    limit,
  })
  return items.map((item) => String(item.pk).slice(taskRunKey('').pk.length))
}
