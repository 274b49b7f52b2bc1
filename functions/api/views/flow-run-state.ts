import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { stateIdOf } from '#shared/flow-run/ids.ts'
import { shownStateName } from '#shared/flow-run/late.ts'
import type { PastState, State, StateDetails } from '#shared/flow-run/state.ts'
import { formatInstant, type Instant } from '#shared/instant.ts'

/** Whose states these are: a flow run's or a task run's. */
export interface StateOwner {
  id: string
  stateSequence: number
  history: readonly PastState[]
  flowRunId: string | null
  /** For a flow run, its task run in the flow run that started it. */
  taskRunId: string | null
}

/** The run's current state, whole. */
export function currentStateView(run: FlowRun, now: Instant) {
  return { ...stateView(run, run.state), name: shownStateName(run, now) }
}

/** A state of the run as Prefect's clients read it; it need not be the one that is stored (a REJECT may carry another). */
export function stateView(run: FlowRun, state: State) {
  return stateOf(ownerOf(run), state)
}

/** All states of the run that are kept, oldest first; of those that it has left there is only the outline. */
export function stateViews(run: FlowRun, now: Instant) {
  return [...pastStateViews(ownerOf(run)), currentStateView(run, now)]
}

function ownerOf({ id, stateSequence, history, details }: FlowRun): StateOwner {
  return { id, stateSequence, history, flowRunId: id, taskRunId: details.parentTaskRunId }
}

/** A state of its owner, in full. */
export function stateOf(owner: StateOwner, state: State) {
  return {
    id: stateIdOf(owner.id, owner.stateSequence),
    type: state.type,
    name: state.name,
    timestamp: formatInstant(state.timestamp),
    message: state.message,
    data: state.data ?? null,
    state_details: detailsView(owner, state.details),
  }
}

/** The outlines of the states that their owner has left. */
export function pastStateViews(owner: StateOwner) {
  const { id, stateSequence, history } = owner
  const oldest = stateSequence - history.length + 1
  return history.slice(0, -1).map(({ type, name, timestamp, message }, at) => ({
    id: stateIdOf(id, oldest + at),
    type,
    name,
    timestamp: formatInstant(timestamp),
    message,
    data: null,
    state_details: detailsView(owner, {}),
  }))
}

function detailsView({ flowRunId, taskRunId }: StateOwner, details: StateDetails) {
  return {
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
    flow_run_id: flowRunId,
    task_run_id: taskRunId,
  }
}

/** An instant that may be missing, as responses carry it. */
export function orNull(instant: Instant | null | undefined): string | null {
  return instant === null || instant === undefined ? null : formatInstant(instant)
}
