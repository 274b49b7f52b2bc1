import {
  CANCEL_CHECK_SECONDS,
  EVIDENCE_SECONDS,
  LAUNCH_GRACE_SECONDS,
  STOPPED_VISIBLE_SECONDS,
  TOKEN_TRUST_SECONDS,
} from '#shared/bounds.ts'
import { deadlineOf } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { type HeldRun, isDispatched, isHeld } from '#shared/flow-run/held-run.ts'
import { cancelMessage, timeoutMessage } from '#shared/flow-run/messages.ts'
import { newState, type State } from '#shared/flow-run/state.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import { type EcsTask, isRunning, isStopped } from './ecs-task.ts'

/** What ECS reports of a run that the dispatcher holds. */
export interface HoldEvidence {
  /** The task that the run has on record, if ECS still knows it. */
  described?: EcsTask | undefined
  /** Otherwise the tasks that were started for this generation of the run. */
  started?: readonly EcsTask[]
}

/** What to do about a hold whose lease has run out. */
export type HoldVerdict =
  /** The run is held no more. */
  | { kind: 'gone' }
  /** Its lease was renewed after all. */
  | { kind: 'fresh' }
  | { kind: 'renew'; seconds: number }
  /** Apply the task's state; `record` it first if the run does not have it, and renew the lease if still held. */
  | { kind: 'apply'; task: EcsTask; record: boolean; renew: boolean }
  /** Stop the task, and look again soon. */
  | { kind: 'stop'; task: EcsTask; reason: string }
  | { kind: 'end'; state: State }
  | { kind: 'relaunch' }
  | { kind: 'requeue'; reason: string }

/**
 * Judges a held run whose lease has expired. Time alone proves nothing: for a dispatched run only ECS's answer, or its
 * absence, decides.
 */
export function judgeHold(run: FlowRun, evidence: HoldEvidence, now: Instant): HoldVerdict {
  if (!isDispatched(run)) return judgeClientHold(run, now)
  const { described, started = [] } = evidence
  if (described) return judgeKnownTask(run, described, now)
  const task = started.find((one) => !isStopped(one)) ?? started[0]
  const recorded = Boolean(run.launch?.taskArn)
  if (task) return { kind: 'apply', task, record: !recorded, renew: false }
  return recorded ? judgeMissingTask(run, now) : judgeUnlaunched(run, now)
}

/** Agents renew their lease, stock workers have none: they report a crash themselves, or a person cancels the run. */
function judgeClientHold(run: FlowRun, now: Instant): HoldVerdict {
  if (run.state.type === 'CANCELLING') return cancelled(run, now)
  if (!isHeld(run)) return { kind: 'gone' }
  if (run.claim.by.kind !== 'agent') return { kind: 'renew', seconds: EVIDENCE_SECONDS }
  // The index may still show the lease that a heartbeat has renewed since.
  if (run.claim.leaseUntil > now) return { kind: 'fresh' }
  return crashed('The agent that held this run stopped sending heartbeats.', now)
}

function judgeKnownTask(run: HeldRun, task: EcsTask, now: Instant): HoldVerdict {
  if (isStopped(task)) return { kind: 'apply', task, record: false, renew: false }
  const reason = stopReasonOf(run, task, now)
  return reason ? { kind: 'stop', task, reason } : { kind: 'apply', task, record: false, renew: true }
}

/** Why a live task must be stopped now, if it must. */
function stopReasonOf(run: HeldRun, task: EcsTask, now: Instant): string | null {
  if (run.state.type === 'CANCELLING') return cancelMessage(run)
  if (run.state.type === 'RUNNING' && now >= deadlineOf(run.state.timestamp, run.timeoutSeconds)) {
    return timeoutMessage(run)
  }
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
  return ageSeconds <= TOKEN_TRUST_SECONDS ? { kind: 'relaunch' } : { kind: 'requeue', reason: 'Its launch was lost' }
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
