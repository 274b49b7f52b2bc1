import {
  CANCEL_CHECK_SECONDS,
  CLIENT_CANCEL_SECONDS,
  EVIDENCE_SECONDS,
  HISTORY_MAX,
  PAST_LAUNCHES_MAX,
  PAUSE_LEASE_SECONDS,
} from '#shared/bounds.ts'
import { addSeconds, type Instant, NEVER, secondsBetween } from '#shared/instant.ts'
import type { Claim, EmpiricalPolicy, FlowRun, PastLaunch } from './flow-run.ts'
import { type HeldRun, isHeld } from './held-run.ts'
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
    // Kept by the end that it leads to: should its task start after all, nothing needs that.
    unanswered: type === 'RUNNING' || isTerminal(run.state.type) ? undefined : run.unanswered,
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
 * checked soon, in case the stop was lost. A pause has a lease of its own, and the usual one follows it. Every other run
 * keeps its lease: changing it costs two index writes.
 */
function leaseAfter(run: HeldRun, state: State): Instant {
  const { type, timestamp } = state
  const dispatched = run.claim.by.kind === 'dispatcher'
  if (type === 'CANCELLING') return addSeconds(timestamp, dispatched ? CANCEL_CHECK_SECONDS : CLIENT_CANCEL_SECONDS)
  if (type === 'PAUSED') {
    const end = pauseLeaseEnd(state, timestamp)
    return dispatched ? end : Math.min(run.claim.leaseUntil, end)
  }
  const lease = run.state.type === 'PAUSED' ? leaseAfterPause(run, timestamp) : run.claim.leaseUntil
  if (!dispatched || type !== 'RUNNING') return lease
  return Math.min(lease, deadlineOf(timestamp, run.timeoutSeconds))
}

/** When a paused run that keeps its process must be looked at next: at its timeout, and from time to time before. */
function pauseLeaseEnd({ details }: State, now: Instant): Instant {
  return Math.min(details.pauseTimeout ?? NEVER, addSeconds(now, PAUSE_LEASE_SECONDS))
}

/** A stock worker's claim has no lease; what it is in a pool that looks for silent workers, the sweep sets. */
function leaseAfterPause({ claim }: HeldRun, now: Instant): Instant {
  const usual = addSeconds(now, EVIDENCE_SECONDS)
  if (claim.by.kind === 'dispatcher') return usual
  return claim.by.kind === 'client' ? NEVER : Math.max(claim.leaseUntil, usual)
}

/** When a run that has been RUNNING since an instant is out of time; NEVER without a time limit. */
export function deadlineOf(runningSince: Instant, timeoutSeconds: number | null): Instant {
  return timeoutSeconds === null ? NEVER : addSeconds(runningSince, timeoutSeconds)
}
