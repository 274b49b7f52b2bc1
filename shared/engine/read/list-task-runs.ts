import type { Deps } from '#shared/deps.ts'
import { invalidField } from '#shared/errors.ts'
import type { ScopeFilters } from '#shared/flow-run/scope.ts'
import { getLives } from '#shared/storage/flow-run/get-lives.ts'
import { getTaskRuns } from '#shared/storage/task-run/get-task-run.ts'
import { listTaskRunIds } from '#shared/storage/task-run/list-task-run-ids.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'
import { matchesTaskRun, sortTaskRuns, type TaskRunFilter, type TaskRunSort } from '#shared/task-run/task-run-filter.ts'
import { listFlowRuns, matchingRunIds } from './list-flow-runs.ts'
import { asks } from './resolve-scope.ts'
import { withChildStates } from './with-child-states.ts'

/** Flow runs whose task runs one request looks at, and how many of those. */
const RUNS_MAX = 200
const TASKS_MAX = 10_000

export interface TaskRunQuery {
  filter: TaskRunFilter
  /** Filters on the flow runs that they belong to, and on what those belong to. */
  scope: ScopeFilters
}

/**
 * Lists task runs: those that are named, or those of the flow runs that the filters lead to. Task runs are kept by flow
 * run, so of a wide filter the newest RUNS_MAX flow runs count. Raises invalid past TASKS_MAX.
 */
export async function listTaskRuns(deps: Deps, query: TaskRunQuery, sort: TaskRunSort): Promise<TaskRun[]> {
  const { filter } = query
  const found = await withChildStates(deps, await getTaskRuns(deps.table, await candidateIds(deps, query)))
  const wanted = found.filter((task) => matchesTaskRun(task, filter))
  return sortTaskRuns(await inScope(deps, wanted, query), sort)
}

async function candidateIds(deps: Deps, { filter, scope }: TaskRunQuery): Promise<readonly string[]> {
  const narrow = filter.operator === 'or_' ? {} : filter
  if (narrow.id?.any_) return narrow.id.any_
  const named = narrow.flow_run_id?.operator === 'or_' ? undefined : narrow.flow_run_id?.any_
  const runIds = named ?? (await runIdsOf(deps, scope))
  const ids: string[] = []
  for (const [id, life] of await getLives(deps.table, runIds)) {
    ids.push(...(await listTaskRunIds(deps.table, { id, life }, TASKS_MAX)))
    if (ids.length > TASKS_MAX) {
      const msg = `selects more than ${TASKS_MAX.toLocaleString('en')} task runs; name fewer flow runs`
      throw invalidField(['body', 'flow_runs', 'id', 'any_'], msg)
    }
  }
  return ids
}

async function runIdsOf(deps: Deps, scope: ScopeFilters): Promise<string[]> {
  const runs = await listFlowRuns(deps, {
    filters: scope,
    sort: 'EXPECTED_START_TIME_DESC',
    offset: 0,
    limit: RUNS_MAX,
  })
  return runs.map((run) => run.id)
}

/** Those whose flow run matches; task runs that were named may belong to any. */
async function inScope(deps: Deps, tasks: TaskRun[], { scope }: TaskRunQuery): Promise<TaskRun[]> {
  if (!Object.values(scope).some(asks)) return tasks
  const runs = await matchingRunIds(deps, new Set(tasks.flatMap((task) => task.flowRunId ?? [])), scope)
  return tasks.filter((task) => task.flowRunId !== null && runs.has(task.flowRunId))
}
