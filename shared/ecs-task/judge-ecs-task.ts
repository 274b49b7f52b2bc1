import { advance, deadlineOf } from '#shared/flow-run/advance.ts'
import type { FlowRun, Launch } from '#shared/flow-run/flow-run.ts'
import { isHeld } from '#shared/flow-run/held-run.ts'
import { ORPHANED, timeoutMessage } from '#shared/flow-run/messages.ts'
import { isTerminal, newState, type State } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import { type EcsTask, isRunning, isStopped } from './ecs-task.ts'
import { launchedRun } from './launched-run.ts'
import { endOfCommand, endOfSilentFlow } from './stop-reason.ts'

/** What to do about news of a task: nothing, stop the task, or store the run as it is after the news. */
export type EcsTaskVerdict =
  | { kind: 'ignore'; reason: string }
  | { kind: 'stop'; reason: string }
  | { kind: 'store'; run: FlowRun }

/**
 * Judges what ECS says of a task against its run. ECS reports late, twice and out of order, so news is taken by
 * generation first and then by version; and a task whose run no longer wants it is stopped.
 */
export function judgeEcsTask(run: FlowRun, generation: number, task: EcsTask, now: Instant): EcsTaskVerdict {
  if (generation !== run.generation || !isHeld(run)) {
    // Late news of a task of which later news is known (its end, mostly) is no sign that it still runs.
    const overtaken = run.launch?.taskArn === task.taskArn && task.version < run.launch.taskVersion
    if (isStopped(task) || overtaken) return { kind: 'ignore', reason: 'the task or its run has ended' }
    // The run ended by itself moments ago and its container is on the way out, or it was taken back: both may stop.
    return endsByItself(run, generation) ? { kind: 'ignore', reason: 'the run has ended' } : stopOrphan()
  }
  const recorded = run.launch?.taskArn ?? task.taskArn
  if (recorded !== task.taskArn) return isStopped(task) ? OTHER_TASK_ENDED : stopOrphan()
  const seen = run.launch?.taskVersion ?? 0
  // STOPPED is the last news of any task, so it counts whatever was seen before.
  if (run.launch?.taskArn === task.taskArn && task.version <= seen && !isStopped(task))
    return { kind: 'ignore', reason: 'it is old news' }
  const launch: Launch = {
    attempt: run.launch?.attempt ?? 1,
    taskArn: task.taskArn,
    taskVersion: Math.max(task.version, seen),
  }
  if (isStopped(task)) return { kind: 'store', run: advance({ ...run, launch }, endOf(run, task, now)) }
  const known = run.launch?.taskArn === task.taskArn ? { ...run, launch } : launchedRun(run, launch, now)
  if (isRunning(task) && run.job === 'command' && run.state.type === 'PENDING') {
    return { kind: 'store', run: advance(known, newState('RUNNING', now)) }
  }
  return run.launch?.taskArn ? { kind: 'ignore', reason: 'it changes nothing' } : { kind: 'store', run: known }
}

/** A flow reports its end, or its suspension, before its container exits; stopping it then would cut off its last words. */
function endsByItself(run: FlowRun, generation: number): boolean {
  const { type } = run.state
  if (run.job !== 'flow' || generation !== run.generation) return false
  return type === 'PAUSED' || (isTerminal(type) && type !== 'CANCELLED')
}

/** Should two tasks ever be started for one claim, the one on record is the run's; the other's end says nothing. */
const OTHER_TASK_ENDED: EcsTaskVerdict = { kind: 'ignore', reason: 'another task serves the run' }

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
