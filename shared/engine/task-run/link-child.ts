import type { Deps } from '#shared/deps.ts'
import { CHILDREN_MAX, type TaskRun } from '#shared/task-run/task-run.ts'
import { editTaskRun } from './edit-task-run.ts'

/** Links a task run to a flow run, and returns it. Raises not_found and unavailable. */
export async function linkChild(deps: Deps, taskRunId: string, childId: string): Promise<TaskRun> {
  return await editTaskRun(deps, taskRunId, (task) => {
    const others = task.childIds.filter((id) => id !== childId)
    return { ...task, childIds: [...others, childId].slice(-CHILDREN_MAX) }
  })
}
