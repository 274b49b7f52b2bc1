import type { Deps } from '#shared/deps.ts'
import { invalidField } from '#shared/errors.ts'
import type { FlowRunFilter } from '#shared/flow-run/flow-run-filter.ts'
import { getLives } from '#shared/storage/flow-run/get-lives.ts'
import { getTaskRuns } from '#shared/storage/task-run/get-task-run.ts'
import { listTaskRunIds } from '#shared/storage/task-run/list-task-run-ids.ts'
import { matchesTaskRun, type TaskRunFilter } from '#shared/task-run/task-run-filter.ts'
import { asks } from './resolve-scope.ts'
import { withChildStates } from './with-child-states.ts'

/** Task runs of one flow run in which its subflows are looked for. */
const TASKS_MAX = 10_000

/**
 * The flow runs that a filter leads to by way of task runs: those that have one which matches, those linked to one.
 * Undefined when it restricts nothing.
 */
export async function resolveRunIds(
  deps: Deps,
  filter: FlowRunFilter,
  tasks: TaskRunFilter | undefined,
): Promise<Set<string> | undefined> {
  const sets = [await runsOfTasks(deps, tasks), await runsOfParents(deps, filter)].filter((set) => set !== undefined)
  return sets.length === 0 ? undefined : sets.reduce((a, b) => new Set([...a].filter((id) => b.has(id))))
}

async function runsOfTasks(deps: Deps, filter: TaskRunFilter | undefined): Promise<Set<string> | undefined> {
  if (!filter || !asks(filter)) return undefined
  const taskIds = filter.operator === 'or_' ? undefined : filter.id?.any_
  if (!taskIds) throw invalidField(['body', 'task_runs', 'id', 'any_'], 'is required: task runs are stored by flow run')
  const named = await withChildStates(deps, await getTaskRuns(deps.table, taskIds))
  return new Set(named.filter((task) => matchesTaskRun(task, filter)).flatMap((task) => task.flowRunId ?? []))
}

/** Wider than the filter, which is then held against every run; where one member is enough, none narrows anything. */
async function runsOfParents(deps: Deps, filter: FlowRunFilter): Promise<Set<string> | undefined> {
  const { parent_task_run_id: byTask, parent_flow_run_id: byRun, operator } = filter
  if (operator === 'or_') return undefined
  const taskIds = byTask?.operator === 'or_' ? undefined : byTask?.any_
  const runIds = byRun?.operator === 'or_' ? undefined : byRun?.any_
  if (!taskIds && !runIds) return undefined
  const lives = [...(await getLives(deps.table, runIds ?? []))]
  const lists = await Promise.all(lives.map(([id, life]) => listTaskRunIds(deps.table, { id, life }, TASKS_MAX)))
  const parents = await getTaskRuns(deps.table, taskIds ?? lists.flat())
  return new Set(parents.flatMap((task) => task.childIds))
}
