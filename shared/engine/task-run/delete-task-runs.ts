import type { Deps } from '#shared/deps.ts'
import { releaseLease } from '#shared/engine/limit/release-lease.ts'
import { notFound } from '#shared/errors.ts'
import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { leaseOfTaskRun } from '#shared/limit/lease.ts'
import * as storage from '#shared/storage/task-run/delete-task-runs.ts'
import { getTaskRuns } from '#shared/storage/task-run/get-task-run.ts'
import { listTaskRunIds } from '#shared/storage/task-run/list-task-run-ids.ts'

/** Deletes a task run, after it has given back its slots. Raises not_found. */
export async function deleteTaskRun(deps: Deps, taskRunId: string): Promise<void> {
  if ((await deleteAll(deps, [taskRunId])) === 0) throw notFound('Task run', taskRunId)
}

const TASKS_MAX = 100_000
const PAGE_TASKS = 100

/** Deletes the task runs of a life of a flow run that is over. */
export async function deleteTaskRuns(deps: Deps, run: RunRef): Promise<void> {
  const ids = await listTaskRunIds(deps.table, run, TASKS_MAX)
  for (let at = 0; at < ids.length; at += PAGE_TASKS) await deleteAll(deps, ids.slice(at, at + PAGE_TASKS))
}

async function deleteAll(deps: Deps, taskRunIds: readonly string[]): Promise<number> {
  const tasks = await getTaskRuns(deps.table, taskRunIds)
  for (const task of tasks) if (task.leased) await releaseLease(deps, leaseOfTaskRun(task.id))
  await storage.deleteTaskRuns(deps.table, tasks)
  return tasks.length
}
