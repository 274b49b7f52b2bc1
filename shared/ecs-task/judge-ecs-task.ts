import { advance, deadlineOf } from '#shared/flow-run/advance.ts'
import type { FlowRun, Launch } from '#shared/flow-run/flow-run.ts'
import { type HeldRun, isHeld } from '#shared/flow-run/held-run.ts'
import { ORPHANED, timeoutMessage } from '#shared/flow-run/messages.ts'
import { isTerminal, newState, type State } from '#shared/flow-run/state.ts'
import { ECS } from '#shared/flow-run/writer.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { type EcsTask, type HandOut, isHandOut, isRunning, isStopped } from './ecs-task.ts'
import { withTimes } from './launch-times.ts'
import { launchedRun } from './launched-run.ts'
import { endOfCommand, endOfSilentFlow } from './stop-reason.ts'

/** The verdict on a task event: ignore it, stop the task, or store the updated run. */
export type EcsTaskVerdict =
  | { kind: 'ignore'; reason: string }
  | { kind: 'stop'; reason: string }
  | { kind: 'store'; run: FlowRun }

/**
 * Judges a task event against its run. ECS reports late, twice and out of order, so events are ordered by the hand-out
 * that the task was started for, and then by version; a task that its run no longer needs is stopped.
 */
export function judgeEcsTask(run: FlowRun, startedFor: HandOut, task: EcsTask, now: Instant): EcsTaskVerdict {
  if (!isHandOut(run, startedFor) || !isHeld(run) || isOlder(task, run)) {
    // An event older than a known one (mostly the task's end) does not prove that the task still runs.
    const overtaken = run.launch?.taskArn === task.taskArn && task.version < run.launch.taskVersion
    if (isStopped(task) || overtaken) return { kind: 'ignore', reason: 'the task or its run has ended' }
    // The run ended by itself moments ago and its container is on the way out, or it was taken back: both may stop.
    return endsByItself(run, startedFor) ? { kind: 'ignore', reason: 'the run has ended' } : stopOrphan()
  }
  const recorded = run.launch?.taskArn ?? task.taskArn
  if (recorded !== task.taskArn) return isStopped(task) ? OTHER_TASK_ENDED : stopOrphan()
  const seen = run.launch?.taskVersion ?? 0
  // STOPPED is the last event of any task, so it counts whatever was seen before.
  if (run.launch?.taskArn === task.taskArn && task.version <= seen && !isStopped(task))
    return { kind: 'ignore', reason: 'the event is out of date' }
  const reported: Launch = {
    ...(run.launch ?? { attempt: 1, launchedAt: now }),
    taskArn: task.taskArn,
    taskVersion: Math.max(task.version, seen),
  }
  const launch = withTimes(reported, task)
  if (isStopped(task)) return { kind: 'store', run: advance({ ...run, launch }, endOf(run, task, now), {}, ECS) }
  const known = run.launch?.taskArn === task.taskArn ? { ...run, launch } : launchedRun(run, launch, now)
  if (isRunning(task) && run.job === 'command' && run.state.type === 'PENDING') {
    return { kind: 'store', run: advance(known, newState('RUNNING', now), {}, ECS) }
  }
  return run.launch?.taskArn ? { kind: 'ignore', reason: 'the run is up to date' } : { kind: 'store', run: known }
}

/** Clocks of ECS and of this service may differ by this much. */
const CLOCK_SKEW_SECONDS = 60

/** Whether a task was created before the claim that it is said to serve. */
function isOlder({ createdAt }: EcsTask, { claim }: HeldRun): boolean {
  return createdAt !== null && createdAt < addSeconds(claim.at, -CLOCK_SKEW_SECONDS)
}

/** A flow reports its end or suspension before its container exits; stopping it then would cut off its last output. */
function endsByItself(run: FlowRun, startedFor: HandOut): boolean {
  const { type } = run.state
  // Nothing needs a task that was thought to have never started, whatever its run has come to.
  if (run.job !== 'flow' || !isHandOut(run, startedFor) || run.unanswered) return false
  return type === 'PAUSED' || (isTerminal(type) && type !== 'CANCELLED')
}

/** Should two tasks ever be started for one claim, the one on record is the run's; the other's end is ignored. */
const OTHER_TASK_ENDED: EcsTaskVerdict = { kind: 'ignore', reason: 'the run belongs to another task' }

function stopOrphan(): EcsTaskVerdict {
  return { kind: 'stop', reason: ORPHANED }
}

/** The state that a stopped task leaves its run in. */
function endOf(run: FlowRun, task: EcsTask, now: Instant): State {
  if (run.state.type === 'CANCELLING') {
    return newState('CANCELLED', now, {
      message: run.state.message,
      details: { transitionId: run.state.details.transitionId },
    })
  }
  if (timedOut(run, task, now)) {
    return newState('FAILED', now, {
      name: 'TimedOut',
      message: timeoutMessage(run),
    })
  }
  const { type, message } = run.job === 'command' ? endOfCommand(task) : endOfSilentFlow(task)
  return newState(type, now, { message })
}

/** True when the task was stopped by us because its run was out of time. */
function timedOut(run: FlowRun, task: EcsTask, now: Instant): boolean {
  if (run.state.type !== 'RUNNING' || task.stopCode !== 'UserInitiated') return false
  return (task.stoppedAt ?? now) >= deadlineOf(run.state.timestamp, run.timeoutSeconds)
}
