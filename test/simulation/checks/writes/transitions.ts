import { STOPPED_VISIBLE_SECONDS } from '#shared/bounds.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { REACHED_WORDS } from '#shared/limit/refusal-words.ts'
import { dueOf, waits } from '../judge.ts'

/** Transitions that no rule allows unless somebody forces them, told here once more. */
export function transitionProblems(before: FlowRun, run: FlowRun, clocksDifferSeconds: number): string[] {
  if (run.stateSequence === before.stateSequence) return []
  const by = run.history.at(-1)?.by?.kind
  const asked = by === 'client' || by === 'claimant'
  const found = [
    ...pauses(before, run),
    ...starts(before, run, clocksDifferSeconds),
    ...(before.state.type === 'CANCELLING' && run.state.type !== 'CANCELLED' ? ['leaves a cancel behind'] : []),
    ...(asked ? [...retries(before, run), ...repeats(before, run)] : []),
    ...collisions(before, run, clocksDifferSeconds),
    ...earlyEnds(before, run, clocksDifferSeconds),
  ]
  return found.map((words) => `I5 run ${run.id}, ${before.state.name} and then ${run.state.name}, ${words}`)
}

function pauses(before: FlowRun, { state, policy, deploymentId }: FlowRun): string[] {
  if (state.type !== 'PAUSED') return []
  const { pauseKey, pauseReschedule } = state.details
  return [
    ...(before.state.type === 'RUNNING' ? [] : ['pauses without being at work']),
    ...(pauseKey && before.policy.pauseKeys.includes(pauseKey) ? [`pauses once more for ${pauseKey}`] : []),
    ...(pauseKey && !policy.pauseKeys.includes(pauseKey) ? [`does not remember the pause for ${pauseKey}`] : []),
    ...(pauseReschedule && deploymentId === null ? ['waits for a deployment that it does not have'] : []),
  ]
}

function starts(before: FlowRun, run: FlowRun, clocksDifferSeconds: number): string[] {
  const { type, details } = before.state
  const later = addSeconds(run.state.timestamp, clocksDifferSeconds)
  const earlier = addSeconds(run.state.timestamp, -clocksDifferSeconds)
  const resumes = type === 'PAUSED' && (run.state.type === 'RUNNING' || run.state.type === 'SCHEDULED')
  const late = resumes && (details.pauseTimeout ?? Infinity) < earlier
  const early = run.state.type === 'RUNNING' && type !== 'PAUSED' && (details.scheduledTime ?? 0) > later
  const revived = run.state.type === 'RUNNING' && isTerminal(type)
  return [
    ...(late ? ['resumes after its pause was over'] : []),
    ...(early ? ['runs before it is due'] : []),
    ...(revived ? ['runs after its end'] : []),
  ]
}

/** A request that comes again has been decided. */
function repeats({ state: { details } }: FlowRun, { state }: FlowRun): string[] {
  const { transitionId } = state.details
  return transitionId !== undefined && transitionId === details.transitionId ? ['for one and the same request'] : []
}

/** A flow that failed is retried as often as its policy says. */
function retries(before: FlowRun, { state, claim }: FlowRun): string[] {
  if (before.state.type !== 'RUNNING') return []
  const most = before.policy.retries
  const left = most !== null && before.runCount <= most
  const inProcess = state.type === 'SCHEDULED' && state.name === 'AwaitingRetry' && claim !== null
  return [
    ...(state.type === 'FAILED' && left ? [`has failed in run ${before.runCount} of ${most + 1}`] : []),
    ...(inProcess && !left ? [`is retried after run ${before.runCount}`] : []),
  ]
}

/** A run whose deployment has no room keeps its turn, or is cancelled once it has come. */
function collisions(before: FlowRun, run: FlowRun, clocksDifferSeconds: number): string[] {
  if (!waits(before)) return []
  const latest: Instant = addSeconds(run.state.timestamp, clocksDifferSeconds)
  const cancelled = run.state.type === 'CANCELLED' && run.state.message === REACHED_WORDS
  return [
    ...(cancelled && dueOf(before) > latest ? ['is cancelled before its turn'] : []),
    ...(waits(run) && run.blockedBy !== null && dueOf(run) !== dueOf(before) ? ['loses its turn'] : []),
  ]
}

/** ECS's clock may be behind by half a minute. */
const ECS_BEHIND_SECONDS = 35

/** No run ends for want of time, or of news of its task, before that has passed. */
function earlyEnds(before: FlowRun, { state }: FlowRun, clocksDifferSeconds: number): string[] {
  const latest = addSeconds(state.timestamp, clocksDifferSeconds + ECS_BEHIND_SECONDS)
  const since = before.startTime ?? before.claim?.at ?? 0
  const inTime = addSeconds(before.state.timestamp, before.timeoutSeconds ?? 0) > latest
  const forgotten = state.message === NO_TASK && addSeconds(since, STOPPED_VISIBLE_SECONDS) > latest
  return [
    ...(state.name === 'TimedOut' && (before.state.type !== 'RUNNING' || inTime) ? ['has time left'] : []),
    ...(forgotten ? ['may have a task that ECS still knows'] : []),
  ]
}

const NO_TASK = 'ECS no longer has the task of this run.'
