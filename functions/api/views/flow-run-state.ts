import type { FlowRun } from '../../../shared/flow-run/flow-run.ts'
import { stateIdOf } from '../../../shared/flow-run/ids.ts'
import { shownStateName } from '../../../shared/flow-run/late.ts'
import type { PastState, State, StateDetails } from '../../../shared/flow-run/state.ts'
import { formatInstant, type Instant } from '../../../shared/instant.ts'

/** The run's current state, whole. */
export function currentStateView(run: FlowRun, now: Instant) {
  return { ...stateView(run, run.state), name: shownStateName(run, now) }
}

/** A state of the run as Prefect's clients read it; it need not be the one that is stored (a REJECT may carry another). */
export function stateView(run: FlowRun, state: State) {
  return {
    id: stateIdOf(run.id, run.stateSequence),
    type: state.type,
    name: state.name,
    timestamp: formatInstant(state.timestamp),
    message: state.message,
    data: state.data ?? null,
    state_details: detailsView(run.id, state.details),
  }
}

/** All states of the run that are kept, oldest first; of those that it has left there is only the outline. */
export function stateViews(run: FlowRun, now: Instant) {
  const oldest = run.stateSequence - run.history.length + 1
  const past = run.history.slice(0, -1).map((state, at) => pastStateView(run.id, oldest + at, state))
  return [...past, currentStateView(run, now)]
}

function pastStateView(runId: string, sequence: number, past: PastState) {
  return {
    id: stateIdOf(runId, sequence),
    type: past.type,
    name: past.name,
    timestamp: formatInstant(past.timestamp),
    message: past.message,
    data: null,
    state_details: detailsView(runId, {}),
  }
}

function detailsView(runId: string, details: StateDetails) {
  return {
    flow_run_id: runId,
    task_run_id: null,
    child_flow_run_id: null,
    scheduled_time: orNull(details.scheduledTime),
    cache_key: null,
    cache_expiration: null,
    deferred: false,
    untrackable_result: details.untrackableResult ?? false,
    pause_timeout: orNull(details.pauseTimeout),
    pause_reschedule: details.pauseReschedule ?? false,
    pause_key: details.pauseKey ?? null,
    run_input_keyset: null,
    refresh_cache: null,
    retriable: null,
    transition_id: details.transitionId ?? null,
    task_parameters_id: null,
    traceparent: null,
    // Always null: slots are the run's own, so no client has a lease to renew.
    deployment_concurrency_lease_id: null,
    ...details.other,
  }
}

/** An instant that may be missing, as responses carry it. */
export function orNull(instant: Instant | null | undefined): string | null {
  return instant === null || instant === undefined ? null : formatInstant(instant)
}
