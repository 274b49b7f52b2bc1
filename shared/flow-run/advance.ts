import { CANCEL_CHECK_SECONDS, CLIENT_CANCEL_SECONDS, HISTORY_MAX, PAST_LAUNCHES_MAX } from '#shared/bounds.ts'
import { addSeconds, type Instant, NEVER, secondsBetween } from '#shared/instant.ts'
import type { Claim, EmpiricalPolicy, FlowRun, PastLaunch } from './flow-run.ts'
import { type HeldRun, isDispatched, isHeld } from './held-run.ts'
import { holdsSlots, isTerminal, type State } from './state.ts'
import { type Origin, SERVICE, type Writer } from './writer.ts'

/**
 * The run after it has entered a state: what Prefect's global policy writes beside the state (times, counts), and what
 * becomes of the claim. Pure; entering a holding state without a claim is left to the claim transaction.
 */
export function advance(
  run: FlowRun,
  state: State,
  policyChange: Partial<EmpiricalPolicy> = {},
  origin: Origin = SERVICE,
): FlowRun {
  // Only the transition that starts such a retry says so; whatever comes next ends it.
  const retriesInProcess = policyChange.retryType === 'in_process'
  const before = run.policy.retryType === 'in_process' ? { ...run.policy, retryType: null } : run.policy
  const changed = { ...before, ...policyChange }
  const now = Math.max(state.timestamp, run.state.timestamp + 1)
  const entered: State = { ...state, timestamp: now }
  const { type, name, message } = entered
  const by: Writer = { ...origin, generation: run.generation }
  const wasRunning = run.state.type === 'RUNNING'
  const ended = isTerminal(type)
  // A run is resuming until it runs again or ends.
  const policy = type === 'RUNNING' || ended ? { ...changed, resuming: false } : changed
  const claim = claimAfter(run, entered, retriesInProcess)
  const launchStays = claim !== null || ended
  return {
    ...run,
    state: entered,
    stateSequence: run.stateSequence + 1,
    history: [...run.history, { type, name, timestamp: now, message, by }].slice(-HISTORY_MAX),
    policy,
    claim,
    launch: launchStays ? run.launch : null,
    pastLaunches: launchStays ? run.pastLaunches : launchesAfter(run, message),
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

/** A launch whose generation is over is kept among the past ones, so that each attempt can be told. */
function launchesAfter({ launch, generation, pastLaunches }: FlowRun, reason: string | null): PastLaunch[] {
  if (!launch) return pastLaunches
  const { taskVersion: _, ...told } = launch
  return [...pastLaunches, { ...told, generation, reason }].slice(-PAST_LAUNCHES_MAX)
}

/**
 * The claim lives on while the work may: in holding states, in a pause that keeps its process, and while a process waits
 * for the retry that this very transition starts. Anything else ends the hold, whatever the stored policy says.
 */
function claimAfter(run: FlowRun, state: State, retriesInProcess: boolean): Claim | null {
  if (!isHeld(run)) return null
  const pausedInProcess = state.type === 'PAUSED' && !state.details.pauseReschedule
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
