import type { EmpiricalPolicy, FlowRun } from '#shared/flow-run/flow-run.ts'
import { stateIdOf } from '#shared/flow-run/ids.ts'
import { shownStateName } from '#shared/flow-run/late.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { formatInstant, type Instant, secondsBetween } from '#shared/instant.ts'
import { currentStateView, orNull } from './flow-run-state.ts'

/** The context of a run's view: the names of where it waits, which runs don't carry. */
export interface FlowRunContext {
  now: Instant
  /** By queue id; a queue that was deleted is missing, and its names are shown as null. */
  queues: ReadonlyMap<string, { name: string; poolName: string }>
}

/** A run as Prefect's clients read it. */
export function flowRunView(run: FlowRun, { now, queues }: FlowRunContext) {
  const { details } = run
  const queue = run.queueId === null ? undefined : queues.get(run.queueId)
  return {
    id: run.id,
    created: formatInstant(run.created),
    updated: formatInstant(run.updated),
    name: details.name,
    flow_id: run.flowId,
    state_id: stateIdOf(run.id, run.stateSequence),
    deployment_id: run.deploymentId,
    deployment_version: details.deploymentVersion,
    work_queue_id: run.queueId,
    work_queue_name: queue?.name ?? null,
    work_pool_id: run.poolId,
    work_pool_name: queue?.poolName ?? null,
    flow_version: details.flowVersion,
    parameters: details.parameters,
    idempotency_key: details.idempotencyKey,
    context: details.context,
    empirical_policy: policyView(run.policy),
    tags: details.tags,
    labels: details.labels,
    parent_task_run_id: details.parentTaskRunId,
    state_type: run.state.type,
    state_name: shownStateName(run, now),
    run_count: run.runCount,
    expected_start_time: formatInstant(run.expectedStartTime),
    next_scheduled_start_time: orNull(run.nextScheduledStartTime),
    start_time: orNull(run.startTime),
    end_time: orNull(run.endTime),
    total_run_time: run.totalRunTimeSeconds,
    estimated_run_time: estimatedRunSeconds(run, now),
    estimated_start_time_delta: startDelaySeconds(run, now),
    auto_scheduled: details.autoScheduled,
    infrastructure_document_id: details.infrastructureDocumentId,
    infrastructure_pid: run.infrastructurePid,
    created_by: details.createdBy,
    state: currentStateView(run, now),
    job_variables: details.jobVariables,
  }
}

function policyView(policy: EmpiricalPolicy) {
  return {
    max_retries: policy.maxRetries,
    retry_delay_seconds: policy.retryDelaySeconds,
    retries: policy.retries,
    retry_delay: policy.retryDelay,
    pause_keys: policy.pauseKeys,
    resuming: policy.resuming,
    retry_type: policy.retryType,
  }
}

/** The time spent RUNNING, that of a state which still lasts included. */
function estimatedRunSeconds(run: FlowRun, now: Instant): number {
  const ongoing = run.state.type === 'RUNNING' ? secondsBetween(run.state.timestamp, now) : 0
  return run.totalRunTimeSeconds + Math.max(0, ongoing)
}

/** How much later than expected the run started, or by how much it is late by now. */
function startDelaySeconds(run: FlowRun, now: Instant): number {
  const started = run.startTime ?? (isTerminal(run.state.type) ? run.expectedStartTime : now)
  return Math.max(0, secondsBetween(run.expectedStartTime, started))
}
