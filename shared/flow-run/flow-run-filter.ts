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
import type { Instant } from '#shared/instant.ts'
import type { FlowRun } from './flow-run.ts'
import { shownStateName } from './late.ts'
import type { StateType } from './state.ts'

export interface StateCriterion {
  operator?: Operator | undefined
  type?: { any_?: readonly StateType[] | undefined; not_any_?: readonly StateType[] | undefined } | undefined
  /** As shown: a run that is late has the name "Late". */
  name?: AnyOf | undefined
}

/** What created the run: its id, its type (such as SCHEDULE), or that it is unknown. */
interface CreatorCriterion {
  operator?: Operator | undefined
  id_?: readonly string[] | undefined
  type_?: readonly string[] | undefined
  is_null_?: boolean | undefined
}

/** Prefect's FlowRunFilter, with the wire's member names. */
export interface FlowRunFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  name?: Text | undefined
  tags?: TagsCriterion | undefined
  deployment_id?: AnyOfOrNull | undefined
  work_queue_name?: AnyOfOrNull | undefined
  state?: StateCriterion | undefined
  flow_version?: AnyOf | undefined
  start_time?: TimeRange | undefined
  end_time?: TimeRange | undefined
  expected_start_time?: TimeRange | undefined
  next_scheduled_start_time?: TimeRange | undefined
  parent_task_run_id?: AnyOfOrNull | undefined
  parent_flow_run_id?: AnyOfOrNull | undefined
  idempotency_key?: AnyOf | undefined
  created_by?: CreatorCriterion | undefined
}

/** What a filter needs beside the run. */
export interface MatchContext {
  now: Instant
  /** By queue id; see FlowRunContext of the views. */
  queues: ReadonlyMap<string, { name: string }>
}

/** Whether a run matches the filter; an empty one matches all. */
export function matchesRun(run: FlowRun, filter: FlowRunFilter, context: MatchContext): boolean {
  const { details } = run
  return combine(filter.operator, [
    matchesAny(run.id, filter.id),
    matchesText(details.name, filter.name),
    matchesTags(details.tags, filter.tags),
    matchesAny(run.deploymentId, filter.deployment_id),
    matchesAny(queueNameOf(run, context), filter.work_queue_name),
    matchesState(run, filter.state, context.now),
    matchesAny(details.flowVersion, filter.flow_version),
    // Runs that have not started are found by when they are to start: a rule of Prefect's FlowRunFilterStartTime.
    matchesTime(run.startTime, filter.start_time, run.expectedStartTime),
    matchesTime(run.endTime, filter.end_time),
    matchesTime(run.expectedStartTime, filter.expected_start_time),
    matchesTime(run.nextScheduledStartTime, filter.next_scheduled_start_time),
    matchesAny(details.parentTaskRunId, filter.parent_task_run_id),
    matchesAny(details.parentFlowRunId, filter.parent_flow_run_id),
    matchesAny(details.idempotencyKey, filter.idempotency_key),
    matchesCreator(details.createdBy, filter.created_by),
  ])
}

function matchesCreator(
  creator: Record<string, unknown> | null,
  criterion: CreatorCriterion | undefined,
): boolean | undefined {
  if (!criterion) return undefined
  const { operator, id_, type_, is_null_ } = criterion
  const among = (value: unknown, list: readonly string[]) => typeof value === 'string' && list.includes(value)
  return combine(operator, [
    id_ && among(creator?.id, id_),
    type_ && among(creator?.type, type_),
    is_null_ === undefined ? undefined : (creator === null) === is_null_,
  ])
}

function matchesState(run: FlowRun, criterion: StateCriterion | undefined, now: Instant): boolean | undefined {
  if (!criterion) return undefined
  return combine(criterion.operator, [
    matchesAny(run.state.type, criterion.type),
    matchesAny(shownStateName(run, now), criterion.name),
  ])
}

function queueNameOf(run: FlowRun, { queues }: MatchContext): string | null {
  return run.queueId === null ? null : (queues.get(run.queueId)?.name ?? null)
}
