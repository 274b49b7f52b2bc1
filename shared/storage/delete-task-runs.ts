import type { TaskRun } from '../task-run/task-run.ts'
import { batchDelete } from './batch-delete.ts'
import { type Table, taskRunKey } from './table.ts'
import { taskRunChunks } from './task-run-codec.ts'

/** Removes task runs with their details. */
export async function deleteTaskRuns(table: Table, tasks: readonly TaskRun[]): Promise<void> {
  await batchDelete(
    table,
    tasks.flatMap((task) => [taskRunKey(task.id), ...taskRunChunks(task)]),
  )
}
