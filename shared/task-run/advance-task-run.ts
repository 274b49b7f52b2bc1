import { HISTORY_MAX } from '#shared/bounds.ts'
import { isTerminal, type State } from '#shared/flow-run/state.ts'
import { secondsBetween } from '#shared/instant.ts'
import type { TaskRun } from './task-run.ts'

/**
 * The task run after it has entered a state: what Prefect's global policy writes beside the state. A task that leaves an
 * end to run again has all its tries again (HandleTaskTerminalStateTransitions). `flowRunRunCount` is that of the flow
 * run, when it is known.
 */
export function advanceTaskRun(task: TaskRun, state: State, flowRunRunCount = task.flowRunRunCount): TaskRun {
  const now = Math.max(state.timestamp, task.state.timestamp + 1)
  const entered: State = { ...state, timestamp: now }
  const { type, name, message } = entered
  const wasRunning = task.state.type === 'RUNNING'
  const runs = type === 'RUNNING'
  const ended = isTerminal(type)
  const runCount = isTerminal(task.state.type) && !ended ? 0 : task.runCount
  const startTime = task.startTime ?? (runs ? now : null)
  return {
    ...task,
    state: entered,
    stateSequence: task.stateSequence + 1,
    history: [...task.history, { type, name, timestamp: now, message }].slice(-HISTORY_MAX),
    runCount: runCount + (runs ? 1 : 0),
    flowRunRunCount: runs ? flowRunRunCount : task.flowRunRunCount,
    startTime,
    endTime: ended ? (task.endTime ?? (startTime === null ? null : now)) : null,
    totalRunTimeSeconds: task.totalRunTimeSeconds + (wasRunning ? secondsBetween(task.state.timestamp, now) : 0),
    nextScheduledStartTime: type === 'SCHEDULED' ? (entered.details.scheduledTime ?? now) : null,
    leased: task.leased && (runs || type === 'CANCELLING'),
    updated: now,
  }
}
