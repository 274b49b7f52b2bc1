import type { Deps } from '#shared/deps.ts'
import { editTaskRun } from './edit-task-run.ts'

/** Renames a task run. Raises not_found and unavailable. */
export async function renameTaskRun(deps: Deps, taskRunId: string, name: string): Promise<void> {
  await editTaskRun(deps, taskRunId, (task) => ({ ...task, name }))
}
