import {
  type AnyOf,
  type AnyOfOrNull,
  combine,
  matchesAny,
  matchesTags,
  matchesText,
  matchesTime,
  type Operator,
  type TagsCriterion,
  type Text,
  type TimeRange,
} from '#shared/filter/criterion.ts'
import type { StateCriterion } from '#shared/flow-run/flow-run-filter.ts'
import type { TaskRun } from './task-run.ts'

/** Prefect's TaskRunFilter, with the wire's member names. */
export interface TaskRunFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  name?: Text | undefined
  tags?: TagsCriterion | undefined
  state?: StateCriterion | undefined
  start_time?: TimeRange | undefined
  end_time?: TimeRange | undefined
  expected_start_time?: TimeRange | undefined
  subflow_runs?: { exists_?: boolean | undefined } | undefined
  flow_run_id?: AnyOfOrNull | undefined
}

/** Whether a task run matches the filter; an empty one matches all. */
export function matchesTaskRun(task: TaskRun, filter: TaskRunFilter): boolean {
  const { state, subflow_runs: subflows } = filter
  return combine(filter.operator, [
    matchesAny(task.id, filter.id),
    matchesText(task.name, filter.name),
    matchesTags(task.tags, filter.tags),
    state &&
      combine(state.operator, [matchesAny(task.state.type, state.type), matchesAny(task.state.name, state.name)]),
    matchesTime(task.startTime, filter.start_time),
    matchesTime(task.endTime, filter.end_time),
    matchesTime(task.expectedStartTime, filter.expected_start_time),
    subflows?.exists_ === undefined ? undefined : task.childIds.length > 0 === subflows.exists_,
    matchesAny(task.flowRunId, filter.flow_run_id),
  ])
}

/** Prefect's TaskRunSort. */
export const TASK_RUN_SORTS = [
  'ID_DESC',
  'EXPECTED_START_TIME_ASC',
  'EXPECTED_START_TIME_DESC',
  'NAME_ASC',
  'NAME_DESC',
  'NEXT_SCHEDULED_START_TIME_ASC',
  'END_TIME_DESC',
  'DURATION_ASC',
  'DURATION_DESC',
] as const
export type TaskRunSort = (typeof TASK_RUN_SORTS)[number]

const SORT_KEYS = {
  ID: (task: TaskRun) => task.created,
  EXPECTED_START_TIME: (task: TaskRun) => task.expectedStartTime,
  NAME: (task: TaskRun) => task.name,
  NEXT_SCHEDULED_START_TIME: (task: TaskRun) => task.nextScheduledStartTime,
  END_TIME: (task: TaskRun) => task.endTime,
  DURATION: (task: TaskRun) => task.totalRunTimeSeconds,
}

/**
 * Sorts task runs; nulls come last, and ids tell equals apart. In Prefect ids follow creation, so that is what sorting by
 * them means here.
 */
export function sortTaskRuns(tasks: readonly TaskRun[], sort: TaskRunSort): TaskRun[] {
  const descending = sort.endsWith('_DESC')
  const keyOf = SORT_KEYS[sort.replace(/_(?:ASC|DESC)$/, '') as keyof typeof SORT_KEYS]
  return tasks.toSorted((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)]
    if (x === y) return a.id < b.id ? 1 : -1
    if (x === null || y === null) return x === null ? 1 : -1
    return x < y === descending ? 1 : -1
  })
}
