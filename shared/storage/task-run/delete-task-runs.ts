import { batchDelete } from '#shared/storage/dynamo/batch-delete.ts'
import { type Table, taskRunKey } from '#shared/storage/dynamo/table.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'
import { taskRunChunks } from './task-run-codec.ts'

/** Removes task runs, then their details: details alone are nothing, but a task run without them could not be read. */
export async function deleteTaskRuns(table: Table, tasks: readonly TaskRun[]): Promise<void> {
  await batchDelete(
    table,
    tasks.map(({ id }) => taskRunKey(id)),
  )
  await batchDelete(table, tasks.flatMap(taskRunChunks))
}
