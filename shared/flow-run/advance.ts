import { CANCEL_CHECK_SECONDS, CLIENT_CANCEL_SECONDS, HISTORY_MAX } from '#shared/bounds.ts'
import { addSeconds, type Instant, NEVER, secondsBetween } from '#shared/instant.ts'
import type { Claim, EmpiricalPolicy, FlowRun } from './flow-run.ts'
import { type HeldRun, isDispatched, isHeld } from './held-run.ts'
import { holdsSlots, isTerminal, type State } from './state.ts'

/**
 * The run after it has entered a state: what Prefect's global policy writes beside the state (times, counts), and what
 * becomes of the claim. Pure; entering a holding state without a claim is left to the claim transaction.
 */
export function advance(run: FlowRun, state: State, policyChange: Partial<EmpiricalPolicy> = {}): FlowRun {
  const changed = { ...run.policy, ...policyChange }
  const now = Math.max(state.timestamp, run.state.timestamp + 1)
  const entered: State = { ...state, timestamp: now }
  const { type, name, message } = entered
  const wasRunning = run.state.type === 'RUNNING'
  const ended = isTerminal(type)
  // A run is resuming until it runs again or ends.
  const policy = type === 'RUNNING' || ended ? { ...changed, resuming: false } : changed
  const claim = claimAfter(run, entered, policy)
  return {
    ...run,
    state: entered,
    stateSequence: run.stateSequence + 1,
    history: [...run.history, { type, name, timestamp: now, message }].slice(-HISTORY_MAX),
    policy,
    claim,
    launch: claim || ended ? run.launch : null,
    blockedBy: null,
    launchRefusals: type === 'RUNNING' || ended ? 0 : run.launchRefusals,
    runCount: run.runCount + (type === 'RUNNING' && !wasRunning && !changed.resuming ? 1 : 0),
    startTime: run.startTime ?? (type === 'RUNNING' || (ended && run.claim) ? now : null),
    // One end that corrects another doesn't change when that was.
    endTime: ended ? (run.endTime ?? now) : null,
    totalRunTimeSeconds: run.totalRunTimeSeconds + (wasRunning ? secondsBetween(run.state.timestamp, now) : 0),
    nextScheduledStartTime: type === 'SCHEDULED' ? (entered.details.scheduledTime ?? now) : null,
    updated: now,
  }
}

/**
 * The claim lives on while the work may: in holding states, in a pause that keeps its process, and while a process waits
 * for its own retry. Anything else ends the hold.
 */
function claimAfter(run: FlowRun, state: State, policy: EmpiricalPolicy): Claim | null {
  if (!isHeld(run)) return null
  const pausedInProcess = state.type === 'PAUSED' && !state.details.pauseReschedule
  const retriesInProcess = state.type === 'SCHEDULED' && policy.retryType === 'in_process'
  if (!holdsSlots(state.type) && !pausedInProcess && !retriesInProcess) return null
  return { ...run.claim, leaseUntil: leaseAfter(run, state) }
}

/**
 * When a held run must be looked at next. The lease of a run with a time limit is its deadline; a cancelling one is
 * checked soon, in case the stop was lost. Every other run keeps its lease: changing it costs two index writes.
 */
function leaseAfter(run: HeldRun, state: State): Instant {
  const { claim } = run
  const ours = isDispatched(run)
  if (state.type === 'CANCELLING')
    return addSeconds(state.timestamp, ours ? CANCEL_CHECK_SECONDS : CLIENT_CANCEL_SECONDS)
  if (!ours) return claim.leaseUntil
  if (state.type === 'RUNNING' && run.timeoutSeconds !== null) {
    return Math.min(claim.leaseUntil, deadlineOf(state.timestamp, run.timeoutSeconds))
  }
  return claim.leaseUntil
}

/** When a run that has been RUNNING since an instant is out of time; NEVER without a time limit. */
export function deadlineOf(runningSince: Instant, timeoutSeconds: number | null): Instant {
  return timeoutSeconds === null ? NEVER : addSeconds(runningSince, timeoutSeconds)
}
