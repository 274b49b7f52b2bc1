import { stateIdOf } from '#shared/flow-run/ids.ts'
import type { State } from '#shared/flow-run/state.ts'
import { formatInstant, type Instant, secondsBetween } from '#shared/instant.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'
import { orNull, pastStateViews, stateOf } from './flow-run-state.ts'

/** A task run as Prefect's clients read it. */
export function taskRunView(task: TaskRun, now: Instant) {
  const { state, details, policy } = task
  const ongoing = state.type === 'RUNNING' ? Math.max(0, secondsBetween(state.timestamp, now)) : 0
  return {
    id: task.id,
    created: formatInstant(task.created),
    updated: formatInstant(task.updated),
    name: task.name,
    flow_run_id: task.flowRunId,
    task_key: task.taskKey,
    dynamic_key: task.dynamicKey,
    cache_key: details.cacheKey,
    cache_expiration: orNull(details.cacheExpiration),
    task_version: details.taskVersion,
    empirical_policy: {
      max_retries: policy.maxRetries,
      retry_delay_seconds: policy.retryDelaySeconds,
      retries: policy.retries,
      retry_delay: policy.retryDelay,
      retry_jitter_factor: policy.retryJitterFactor,
    },
    tags: task.tags,
    labels: details.labels,
    state_id: stateIdOf(task.id, task.stateSequence),
    task_inputs: details.inputs,
    state_type: state.type,
    state_name: state.name,
    run_count: task.runCount,
    flow_run_run_count: task.flowRunRunCount,
    expected_start_time: formatInstant(task.expectedStartTime),
    next_scheduled_start_time: orNull(task.nextScheduledStartTime),
    start_time: orNull(task.startTime),
    end_time: orNull(task.endTime),
    total_run_time: task.totalRunTimeSeconds,
    estimated_run_time: task.totalRunTimeSeconds + ongoing,
    estimated_start_time_delta: Math.max(
      0,
      secondsBetween(task.expectedStartTime, task.startTime ?? task.expectedStartTime),
    ),
    state: taskRunStateView(task, state),
  }
}

/** A state of the task run; it need not be the one that is stored (a REJECT may carry another). */
export function taskRunStateView(task: TaskRun, state: State) {
  return stateOf({ ...task, taskRunId: task.id }, state)
}

/** All states of the task run that are kept, oldest first. */
export function taskRunStateViews(task: TaskRun) {
  return [...pastStateViews({ ...task, taskRunId: task.id }), taskRunStateView(task, task.state)]
}
