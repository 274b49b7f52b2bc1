import { addSeconds, secondsBetween } from '#shared/instant.ts'
import { isRecord } from '#shared/json/is-record.ts'
import type { FlowRun } from './flow-run.ts'
import { isCounted, isDispatched, isHeld, isWaiting } from './held-run.ts'
import { NEVER_RESUMED } from './messages.ts'
import { lossOfClaim, staleness } from './staleness.ts'
import { holdsSlots, isTerminal, newState, type State } from './state.ts'
import type { ProposalContext, Verdict } from './verdict.ts'

/**
 * The rules that a proposed transition must pass, in the order of Prefect's CoreFlowPolicy
 * (src/prefect/server/orchestration/core_policy.py), with its messages where clients or users see them. Where a rule is
 * stricter than Prefect's, it says so.
 */
type Rule = (run: FlowRun, proposed: State, context: ProposalContext) => Verdict | undefined

const abort = (reason: string): Verdict => ({ status: 'ABORT', reason })
const keep = (run: FlowRun, reason: string): Verdict => ({ status: 'REJECT', state: run.state, reason, written: false })
/** The state to adopt carries the proposal's transition id, so that a repeat of the request gets the same answer. */
const adopt = (state: State, { details }: State, reason: string): Extract<Verdict, { status: 'REJECT' }> => {
  const { transitionId } = details
  return { status: 'REJECT', state: { ...state, details: { ...state.details, transitionId } }, reason, written: true }
}

/** Not in Prefect: a proposer under an old claim can change nothing. */
const refuseStaleGeneration: Rule = (run, _proposed, { fence }) => {
  const problem = fence && staleness(run, fence)
  return problem === undefined ? undefined : abort(`stale_generation: ${problem}.`)
}

/** Makes a repeated POST harmless: the answer is the state that the first one led to. */
const preventDuplicateTransitions: Rule = (run, proposed) => {
  const { transitionId } = proposed.details
  if (!transitionId || transitionId !== run.state.details.transitionId) return undefined
  return keep(run, 'This run has already made this state transition.')
}

/**
 * Not in Prefect: so does one whose claim is over without another one having followed yet. Ended runs are left to the
 * next rule, and paused ones have theirs below.
 */
const refuseLostClaim: Rule = (run, _proposed, { fence }) => {
  const loss = fence && lossOfClaim(run, fence)
  return loss === undefined ? undefined : abort(`stale_generation: ${loss}.`)
}

/**
 * Stricter than Prefect, which lets one end follow another and a finished run become PENDING: the first end stands,
 * and only a retry (SCHEDULED) leads on. Force may correct one end to another, but never revives the run, nor loses its
 * result (a rule of Prefect's since 3.8).
 */
const handleTerminalStates: Rule = (run, proposed, { force }) => {
  const { type } = run.state
  if (!isTerminal(type)) return undefined
  const retry = proposed.type === 'SCHEDULED'
  if (!retry && !(force && isTerminal(proposed.type))) return abort(`Run is already in terminal state ${type}.`)
  if (type === 'COMPLETED' && proposed.type === 'COMPLETED' && hasResult(run.state) && !hasResult(proposed)) {
    return keep(run, LOSES_RESULT)
  }
  if (force) return undefined
  if (type === 'COMPLETED' && hasResult(run.state)) return keep(run, 'Run is already COMPLETED.')
  return run.deploymentId ? undefined : abort('Cannot reschedule a run without an associated deployment.')
}

const LOSES_RESULT = 'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.'

/** Results that are not kept leave either no data or, from Prefect 2, a note that says so. */
function hasResult({ data }: State): boolean {
  return data !== null && !(isRecord(data) && data.type === 'unpersisted')
}

/**
 * Not in Prefect: a plain command ends, and gives up its slots, when its task is seen to have stopped, and not on
 * request. From outside it can only be cancelled.
 */
const leaveCommandsToTheirTasks: Rule = (run, proposed, { now }) => {
  if (run.job !== 'command' || !isDispatched(run)) return undefined
  const ending = isTerminal(proposed.type) || proposed.type === 'SCHEDULED' || proposed.type === 'PAUSED'
  if (!ending) return undefined
  if (run.state.type === 'CANCELLING') {
    return keep(run, proposed.type === 'CANCELLED' ? 'The task of the run is being stopped.' : STAYS_CANCELLING)
  }
  if (proposed.type !== 'CANCELLED') return abort('A command ends with its task; cancel the run to stop it.')
  const state = newState('CANCELLING', now, { message: proposed.message, details: proposed.details })
  return adopt(state, proposed, 'The task of the run is stopped first.')
}

const STAYS_CANCELLING = 'Cannot transition flows that are cancelling to a state other than Cancelled.'

const enforceCancellingToCancelled: Rule = (run, proposed) => {
  if (run.state.type !== 'CANCELLING' || proposed.type === 'CANCELLED') return undefined
  return keep(run, STAYS_CANCELLING)
}

/**
 * Not in Prefect, where a terminated engine reports a crash, by force: here it was terminated because its run is being
 * cancelled, and the run is Cancelled once its task has stopped.
 */
const cancelWithTheTask: Rule = (run, proposed, context) =>
  proposed.type === 'CRASHED' && isDispatched(run) ? enforceCancellingToCancelled(run, proposed, context) : undefined

/** Nothing runs for such a run, so there is nothing to stop and wait for. */
const bypassCancellingWithoutInfrastructure: Rule = (run, proposed, { now }) => {
  if (proposed.type !== 'CANCELLING') return undefined
  const { type, details } = run.state
  const waiting = isWaiting(run)
  // Force can pause an unclaimed run, and no process would report its end.
  const suspended = type === 'PAUSED' && (details.pauseReschedule === true || (!isHeld(run) && isCounted(run)))
  if (!waiting && !suspended) return undefined
  const state = newState('CANCELLED', now, { message: proposed.message, details: proposed.details })
  return adopt(state, proposed, `${waiting ? 'Scheduled' : 'Suspended'} flow run has no infrastructure to terminate.`)
}

/**
 * Stricter than Prefect, which accepts PENDING from an ended run, so that a stale poll starts it again. A run that waits
 * for its own retry has a process, and its claim says so; one that waits unclaimed may be claimed whatever its policy.
 */
const preventPendingTransitions: Rule = (run, proposed) => {
  if (proposed.type !== 'PENDING') return undefined
  const { type, name } = run.state
  if (isWaiting(run)) return undefined
  const renamed = type === 'PENDING' && proposed.name !== name && proposed.name !== 'Pending'
  return renamed ? undefined : abort(`This run is in a ${type} state and cannot transition to a PENDING state.`)
}

/**
 * Not in Prefect: unclaimed work can't be running in a pool or for a deployment, or their limits would not count it. A
 * waiting run is claimed on the way.
 */
const requireClaimToRun: Rule = (run, proposed) => {
  if (!holdsSlots(proposed.type) || isWaiting(run) || isHeld(run) || !isCounted(run)) return undefined
  return abort('This run was suspended and released its slots; resume it to reschedule it.')
}

const onlyScheduledIsLate: Rule = (run, proposed) => {
  if (proposed.type !== 'SCHEDULED' || proposed.name !== 'Late') return undefined
  return run.state.type === 'SCHEDULED' ? undefined : keep(run, 'Only scheduled flows can be marked late.')
}

const handlePausing: Rule = (run, proposed) => {
  if (proposed.type !== 'PAUSED') return undefined
  const verb = proposed.details.pauseReschedule ? 'suspend' : 'pause'
  if (run.state.type !== 'RUNNING') return keep(run, `Cannot ${verb} flows that are not currently running.`)
  const { pauseKey, pauseReschedule } = proposed.details
  if (pauseKey && run.policy.pauseKeys.includes(pauseKey)) return keep(run, `This ${verb} has already fired.`)
  if (!pauseReschedule) return undefined
  if (run.details.parentTaskRunId) return abort('Cannot suspend subflows.')
  return run.deploymentId ? undefined : abort('Cannot suspend flows without a deployment.')
}

/** A paused run may also end or be cancelled, in time or not; the rules above refuse PENDING and another pause. */
const handleResuming: Rule = (run, proposed, { now }) => {
  const resumes = proposed.type === 'RUNNING' || proposed.type === 'SCHEDULED'
  if (run.state.type !== 'PAUSED' || !resumes) return undefined
  const { pauseReschedule, pauseTimeout } = run.state.details
  if (pauseReschedule && !run.deploymentId)
    return keep(run, 'Cannot reschedule a paused flow run without a deployment.')
  if (pauseTimeout === undefined || pauseTimeout >= now) return undefined
  const failed = newState('FAILED', now, { message: NEVER_RESUMED })
  return adopt(failed, proposed, 'The flow run pause has timed out and can no longer resume.')
}

/** A PENDING state remembers when the run is due, for the rule below; coming from SCHEDULED it may name its own time. */
const copyScheduledTime: Rule = (run, proposed) => {
  const due = run.state.details.scheduledTime
  if (proposed.type !== 'PENDING' || due === undefined) return undefined
  if (run.state.type === 'SCHEDULED' && proposed.details.scheduledTime !== undefined) return undefined
  const details = { ...proposed.details, scheduledTime: due }
  return { status: 'ACCEPT', state: { ...proposed, details } }
}

/** Workers fetch runs ahead of time; starting one early gets WAIT. */
const waitForScheduledTime: Rule = (run, proposed, { now }) => {
  const due = run.state.details.scheduledTime
  if (proposed.type !== 'RUNNING' || due === undefined || due <= now) return undefined
  if (run.state.type !== 'SCHEDULED' && run.state.type !== 'PENDING') return undefined
  return {
    status: 'WAIT',
    delaySeconds: Math.ceil(secondsBetween(now, due)),
    reason: 'Scheduled time is in the future',
  }
}

/** A flow's own retries: the failed process gets WAIT, retries and keeps its slots. */
const retryFailedFlows: Rule = (run, proposed, { now }) => {
  const { retries, retryDelay } = run.policy
  if (run.state.type !== 'RUNNING' || proposed.type !== 'FAILED' || retries === null || run.runCount > retries)
    return undefined
  const scheduledTime = addSeconds(now, retryDelay ?? 0)
  const { message, data } = proposed
  const state = newState('SCHEDULED', now, { name: 'AwaitingRetry', message, data, details: { scheduledTime } })
  return {
    ...adopt(state, proposed, 'Retrying'),
    policy: { retryType: 'in_process', resuming: false, pauseKeys: [] },
  }
}

/** `forced`: the rule stands even against force (Prefect's MinimalFlowPolicy, and what guards slots). */
export const RULES: readonly { rule: Rule; forced: boolean }[] = [
  { rule: refuseStaleGeneration, forced: true },
  { rule: preventDuplicateTransitions, forced: true },
  { rule: refuseLostClaim, forced: true },
  { rule: handleTerminalStates, forced: true },
  { rule: leaveCommandsToTheirTasks, forced: true },
  { rule: enforceCancellingToCancelled, forced: false },
  { rule: cancelWithTheTask, forced: true },
  { rule: bypassCancellingWithoutInfrastructure, forced: true },
  { rule: preventPendingTransitions, forced: true },
  { rule: requireClaimToRun, forced: true },
  { rule: onlyScheduledIsLate, forced: false },
  { rule: handlePausing, forced: false },
  { rule: handleResuming, forced: false },
  { rule: copyScheduledTime, forced: true },
  { rule: waitForScheduledTime, forced: false },
  { rule: retryFailedFlows, forced: false },
]
