import {
  AGENT_HOLD_CHECK_SECONDS,
  CANCEL_CHECK_SECONDS,
  CLIENT_CANCEL_SECONDS,
  EVIDENCE_SECONDS,
  LAUNCH_GRACE_SECONDS,
  PAUSE_LEASE_SECONDS,
  STOPPED_VISIBLE_SECONDS,
  TOKEN_TRUST_SECONDS,
  UNANSWERED_GENERATIONS_MAX,
} from '#shared/bounds.ts'
import { deadlineOf } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { type HeldRun, isDispatched, isHeld } from '#shared/flow-run/held-run.ts'
import { cancelMessage, NEVER_RESUMED, timeoutMessage } from '#shared/flow-run/messages.ts'
import { type SilenceRule, silentAt } from '#shared/flow-run/sign-of-life.ts'
import { newState, type State } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant, NEVER, secondsBetween } from '#shared/instant.ts'
import { type EcsTask, isRunning, isStopped } from './ecs-task.ts'

/** What is known of a held run: what ECS reports, or for how long a worker may be silent. */
export interface HoldEvidence {
  /** The task that the run has on record, if ECS still knows it. */
  described?: EcsTask | undefined
  /** Otherwise the tasks that were started for this generation of the run. */
  started?: readonly EcsTask[]
  /** ECS could not be queried, or its answer not be read. */
  unavailable?: boolean
  /** Of a pool that ends what silent workers hold. */
  silence?: SilenceRule | undefined
  /** Whether a session of an agent has the run on record. */
  listed?: boolean | undefined
}

/** What to do about a hold whose lease has run out. */
export type HoldVerdict =
  /** The run is held no more. */
  | { kind: 'gone' }
  /** Its lease was renewed after all. */
  | { kind: 'fresh' }
  | { kind: 'renew'; seconds: number }
  /** Apply the task's state; `record` it first if the run does not have it, and renew the lease if still held. */
  | { kind: 'apply'; task: EcsTask; record: boolean; renew: number | null }
  /** Stop the task, and look again soon; later when nothing was learned. */
  | { kind: 'stop'; taskArn: string; reason: string; unseen: boolean }
  /** End the hold; a task that may still run is stopped. */
  | { kind: 'end'; state: State; taskArn?: string | undefined }
  /** Nothing was learned: look again after a while, which grows. */
  | { kind: 'postpone' }
  | { kind: 'relaunch' }
  | { kind: 'requeue'; reason: string }

/**
 * Judges a held run whose lease has expired. Time alone proves nothing: for a dispatched run only ECS's answer, or its
 * absence, decides. Only the end of a pause is a matter of time.
 */
export function judgeHold(run: FlowRun, evidence: HoldEvidence, now: Instant): HoldVerdict {
  if (isHeld(run) && run.state.type === 'PAUSED' && (run.state.details.pauseTimeout ?? NEVER) <= now) {
    const state = newState('FAILED', now, { message: NEVER_RESUMED })
    return { kind: 'end', state, taskArn: run.launch?.taskArn ?? undefined }
  }
  if (!isDispatched(run)) return judgeClientHold(run, evidence, now)
  const { described, started = [], unavailable } = evidence
  if (unavailable) return judgeUnseen(run, now)
  if (described) return judgeKnownTask(run, described, now)
  const task = started.find((one) => !isStopped(one)) ?? started[0]
  const recorded = Boolean(run.launch?.taskArn)
  if (task) return { kind: 'apply', task, record: !recorded, renew: null }
  return recorded ? judgeMissingTask(run, now) : judgeUnlaunched(run, now)
}

/**
 * An agent's run has the lease of its session, which the sweep looks at by itself; here it is only made sure that there
 * is one. Stock workers have none: they report a crash themselves, a person cancels the run, or their pool ends it when
 * they are silent.
 */
function judgeClientHold(run: FlowRun, { silence, listed }: HoldEvidence, now: Instant): HoldVerdict {
  const cancelling = run.state.type === 'CANCELLING'
  const unheld = cancelling ? addSeconds(run.state.timestamp, CLIENT_CANCEL_SECONDS) : now
  const { claim } = run
  const leaseUntil = claim?.leaseUntil ?? unheld
  // The index may still show a lease that has been renewed since.
  if (leaseUntil > now && (cancelling || claim?.by.kind === 'agent')) return { kind: 'fresh' }
  // Its agent is told to stop it with each call, and holds its slots until it has.
  if (listed && isHeld(run)) {
    return { kind: 'renew', seconds: cancelling ? CLIENT_CANCEL_SECONDS : AGENT_HOLD_CHECK_SECONDS }
  }
  if (cancelling) return cancelled(run, now)
  if (!isHeld(run)) return { kind: 'gone' }
  if (run.claim.by.kind === 'agent') return crashed(UNLISTED, now)
  if (!silence) return { kind: 'renew', seconds: run.state.type === 'PAUSED' ? PAUSE_LEASE_SECONDS : Infinity }
  const silentSeconds = secondsBetween(now, silentAt(run, silence))
  if (silentSeconds > 0) return { kind: 'renew', seconds: silentSeconds }
  return crashed(`The worker that held this run was silent for ${silence.minutes} minutes.`, now)
}

/** As after a restore of half a backup: in use, both change together. */
const UNLISTED = 'No session of the agent that held this run has it on record.'

function judgeKnownTask(run: HeldRun, task: EcsTask, now: Instant): HoldVerdict {
  if (isStopped(task)) return { kind: 'apply', task, record: false, renew: null }
  const reason = stopReasonOf(run, now) ?? neverStarted(run, task, now)
  if (reason) return { kind: 'stop', taskArn: task.taskArn, reason, unseen: false }
  const renew = run.state.type === 'PAUSED' ? PAUSE_LEASE_SECONDS : EVIDENCE_SECONDS
  return { kind: 'apply', task, record: false, renew }
}

/** A stop needs no evidence: to a task that has stopped it means nothing. */
function judgeUnseen(run: HeldRun, now: Instant): HoldVerdict {
  const taskArn = run.launch?.taskArn
  const reason = stopReasonOf(run, now)
  return taskArn && reason ? { kind: 'stop', taskArn, reason, unseen: true } : { kind: 'postpone' }
}

/** Why a task must be stopped now if it lives, if it must. */
function stopReasonOf(run: HeldRun, now: Instant): string | null {
  if (run.state.type === 'CANCELLING') return cancelMessage(run)
  const outOfTime = run.state.type === 'RUNNING' && now >= deadlineOf(run.state.timestamp, run.timeoutSeconds)
  return outOfTime ? timeoutMessage(run) : null
}

function neverStarted(run: HeldRun, task: EcsTask, now: Instant): string | null {
  const started = isRunning(task) || task.startedAt !== null
  return !started && now >= run.claim.leaseUntil ? 'The task did not start in time.' : null
}

/** A claim without a recorded task: its launch was lost, or the run was cancelled first. */
function judgeUnlaunched(run: HeldRun, now: Instant): HoldVerdict {
  const ageSeconds = secondsBetween(run.claim.at, now)
  if (run.state.type === 'CANCELLING') {
    return ageSeconds <= LAUNCH_GRACE_SECONDS ? { kind: 'renew', seconds: CANCEL_CHECK_SECONDS } : cancelled(run, now)
  }
  // A process reported this state, so the run must not be started again.
  if (run.state.type !== 'PENDING') return judgeMissingTask(run, now)
  return ageSeconds <= TOKEN_TRUST_SECONDS ? { kind: 'relaunch' } : judgeLostLaunch(run, now)
}

/** Nothing was started for this generation, whatever became of the call. */
function judgeLostLaunch(run: HeldRun, now: Instant): HoldVerdict {
  const { unanswered } = run
  if (unanswered?.last !== run.generation) return { kind: 'requeue', reason: 'Its launch was lost' }
  const { calls, generations } = unanswered
  if (generations < UNANSWERED_GENERATIONS_MAX) return { kind: 'requeue', reason: 'ECS did not answer its launch' }
  return crashed(`ECS never answered the launch of this run: ${calls} calls in ${generations} generations.`, now)
}

/** ECS shows stopped tasks for an hour, and new ones not at once: only after the hour does "missing" prove the end. */
function judgeMissingTask(run: HeldRun, now: Instant): HoldVerdict {
  const silentSeconds = secondsBetween(run.startTime ?? run.claim.at, now)
  if (silentSeconds < STOPPED_VISIBLE_SECONDS) return { kind: 'renew', seconds: CANCEL_CHECK_SECONDS }
  if (run.state.type === 'CANCELLING') return cancelled(run, now)
  return crashed('ECS no longer has the task of this run.', now)
}

function cancelled(run: FlowRun, now: Instant): HoldVerdict {
  return { kind: 'end', state: newState('CANCELLED', now, { message: run.state.message }) }
}

function crashed(message: string, now: Instant): HoldVerdict {
  return { kind: 'end', state: newState('CRASHED', now, { message }) }
}
