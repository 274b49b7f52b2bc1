import type { Deps } from '#shared/deps.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { saveTaskRun } from '#shared/storage/task-run/save-task-run.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'

const ROUNDS_MAX = 20

/** Changes a task run on a fresh read until no other write comes between. Raises not_found and unavailable. */
export async function editTaskRun(deps: Deps, taskRunId: string, edit: (task: TaskRun) => TaskRun): Promise<TaskRun> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = await getTaskRun(deps.table, taskRunId)
    if (!before) throw notFound('Task run', taskRunId)
    const after = { ...edit(before), updated: deps.clock.now() }
    if (await saveTaskRun(deps.table, before, after)) return after
  }
  throw new DomainError('unavailable', `Task run '${taskRunId}' is being modified concurrently; retry.`)
}
