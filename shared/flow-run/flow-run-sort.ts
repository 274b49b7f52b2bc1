import type { FlowRun } from './flow-run.ts'

/** Prefect's FlowRunSort. */
export const FLOW_RUN_SORTS = [
  'ID_DESC',
  'START_TIME_ASC',
  'START_TIME_DESC',
  'EXPECTED_START_TIME_ASC',
  'EXPECTED_START_TIME_DESC',
  'NAME_ASC',
  'NAME_DESC',
  'NEXT_SCHEDULED_START_TIME_ASC',
  'END_TIME_DESC',
] as const
export type FlowRunSort = (typeof FLOW_RUN_SORTS)[number]

type Comparison = (a: FlowRun, b: FlowRun) => number

/** Nulls come last, whichever way the rest is sorted. */
const byTime = (key: (run: FlowRun) => number | null, direction: 1 | -1): Comparison => {
  const read = (run: FlowRun) => key(run) ?? Number.POSITIVE_INFINITY * direction
  return (a, b) => (read(a) === read(b) ? 0 : read(a) < read(b) ? -direction : direction)
}
const byText = (key: (run: FlowRun) => string, direction: 1 | -1): Comparison => {
  return (a, b) => (key(a) === key(b) ? 0 : key(a) < key(b) ? -direction : direction)
}
/** As in Prefect, a run that has not started yet takes part with the time at which it should. */
const started = (run: FlowRun) => run.startTime ?? run.expectedStartTime

const COMPARISONS: Record<FlowRunSort, Comparison> = {
  ID_DESC: byText((run) => run.id, -1),
  START_TIME_ASC: byTime(started, 1),
  START_TIME_DESC: byTime(started, -1),
  EXPECTED_START_TIME_ASC: byTime((run) => run.expectedStartTime, 1),
  EXPECTED_START_TIME_DESC: byTime((run) => run.expectedStartTime, -1),
  NAME_ASC: byText((run) => run.details.name, 1),
  NAME_DESC: byText((run) => run.details.name, -1),
  NEXT_SCHEDULED_START_TIME_ASC: byTime((run) => run.nextScheduledStartTime, 1),
  END_TIME_DESC: byTime((run) => run.endTime, -1),
}

/** Sorts runs; those that are equal by the sort are sorted by id, so that pages don't overlap. */
export function sortRuns(runs: readonly FlowRun[], sort: FlowRunSort): FlowRun[] {
  const compare = COMPARISONS[sort]
  return runs.toSorted((a, b) => compare(a, b) || (a.id < b.id ? 1 : -1))
}
