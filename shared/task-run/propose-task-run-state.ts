import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal, newState, type State } from '#shared/flow-run/state.ts'
import type { Verdict } from '#shared/flow-run/verdict.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'
import { isRecord } from '#shared/json/is-record.ts'
import type { TaskRun } from './task-run.ts'

export interface TaskRunContext {
  now: Instant
  /** The flow run that it belongs to, where that counts; null for a task outside flows. */
  flowRun: Pick<FlowRun, 'id' | 'state' | 'runCount'> | null
  /** A number from 0 up to, but not including, 1. */
  chance: number
}

/**
 * The rules that a task run's proposed state must pass, in the order of Prefect's CoreTaskPolicy
 * (src/prefect/server/orchestration/core_policy.py), with its words. Results of tasks are not remembered by cache key,
 * so none is ever returned from a cache; the write of the state takes the slots of limits on tags.
 */
type TaskRule = (task: TaskRun, proposed: State, context: TaskRunContext) => Verdict | undefined

const abort = (reason: string): Verdict => ({ status: 'ABORT', reason })
const keep = (task: TaskRun, reason: string): Verdict => ({
  status: 'REJECT',
  state: task.state,
  reason,
  written: false,
})
/** Carries the proposal's transition id, so that a repeat of the request gets the same answer. */
const adopt = (state: State, { details }: State, reason: string): Verdict => {
  const { transitionId } = details
  return { status: 'REJECT', state: { ...state, details: { ...state.details, transitionId } }, reason, written: true }
}

/** Prefect checks this only for flow runs; a transition id on a task's state means the same. */
const preventDuplicateTransitions: TaskRule = (task, { details: { transitionId } }) =>
  transitionId && transitionId === task.state.details.transitionId
    ? keep(task, 'This run has already made this state transition.')
    : undefined

/** Not in Prefect, which copies the states of the subflow's run: here they are read from it (see show-task-runs). */
const leaveToChild: TaskRule = (task) =>
  task.childIds.length > 0 ? abort('This task run represents a subflow run; its state follows that run.') : undefined

const handleTerminalStates: TaskRule = (task, proposed) => {
  const { type, data } = task.state
  if (!isTerminal(type)) return undefined
  if (proposed.type === 'CANCELLING' || proposed.type === 'PAUSED' || proposed.type === 'CRASHED') {
    return abort(`Run is already ${type}.`)
  }
  const kept = data !== null && !(isRecord(data) && data.type === 'unpersisted')
  return type === 'COMPLETED' && kept ? keep(task, 'This run is already completed.') : undefined
}

const preventRunningOfStoppedFlows: TaskRule = (_task, proposed, { flowRun, now }) => {
  if (proposed.type !== 'RUNNING' || !flowRun || flowRun.state.type === 'RUNNING') return undefined
  if (flowRun.state.type !== 'PAUSED') return abort('The enclosing flow must be running to begin task execution.')
  const { pauseTimeout, pauseReschedule } = flowRun.state.details
  const paused = newState('PAUSED', now, { name: 'NotReady', details: { pauseTimeout, pauseReschedule } })
  const reason = `The flow is paused, new tasks can execute after resuming flow run: ${flowRun.id}.`
  return adopt(paused, proposed, reason)
}

const waitForScheduledTime: TaskRule = (task, proposed, { now }) => {
  const { type, details } = task.state
  const due = details.scheduledTime
  if (proposed.type !== 'RUNNING' || due === undefined || due <= now) return undefined
  if (type !== 'SCHEDULED' && type !== 'PENDING') return undefined
  const delaySeconds = Math.ceil(secondsBetween(now, due))
  return { status: 'WAIT', delaySeconds, reason: 'Scheduled time is in the future' }
}

/** A client may say that this very failure is not to be tried again (`retry_condition_fn`). */
const retryFailedTasks: TaskRule = (task, proposed, { now, chance }) => {
  const { retries, retryDelay, retryJitterFactor } = task.policy
  if (task.state.type !== 'RUNNING' || proposed.type !== 'FAILED') return undefined
  if (retries === null || task.runCount > retries || proposed.details.other?.retriable === false) return undefined
  const delays = [retryDelay ?? 0].flat()
  const seconds = delays[Math.min(Math.max(task.runCount, 1), delays.length) - 1] ?? 0
  const wait = seconds * jitter(retryJitterFactor ?? 0, chance)
  const { message, data } = proposed
  const details = { scheduledTime: addSeconds(now, wait) }
  return adopt(newState('SCHEDULED', now, { name: 'AwaitingRetry', message, data, details }), proposed, 'Retrying')
}

/** Spreads delays evenly around the requested one, by this part of it to either side; Prefect's curve differs. */
function jitter(factor: number, chance: number): number {
  const least = Math.max(0, 1 - factor)
  return least + (1 + factor - least) * chance
}

const RULES: readonly TaskRule[] = [
  handleTerminalStates,
  preventRunningOfStoppedFlows,
  waitForScheduledTime,
  retryFailedTasks,
]

/** Decides on a proposed state of a task run. Pure; `force` skips what a user may overrule. */
export function proposeTaskRunState(task: TaskRun, state: State, context: TaskRunContext, force = false): Verdict {
  const rules = [preventDuplicateTransitions, leaveToChild, ...(force ? [] : RULES)]
  for (const rule of rules) {
    const verdict = rule(task, state, context)
    if (verdict) return verdict
  }
  return { status: 'ACCEPT', state: force ? state : renamed(task, withScheduledTime(task, state), context) }
}

/** A PENDING state remembers when the task is due, unless it names its own time. */
function withScheduledTime(task: TaskRun, state: State): State {
  const due = task.state.details.scheduledTime
  if (task.state.type !== 'SCHEDULED' || state.type !== 'PENDING' || due === undefined) return state
  return { ...state, details: { scheduledTime: due, ...state.details } }
}

/** Says in the name of RUNNING that it isn't the first time. */
function renamed(task: TaskRun, state: State, { flowRun }: TaskRunContext): State {
  if (state.type !== 'RUNNING') return state
  if (isTerminal(task.state.type)) {
    return flowRun && task.flowRunRunCount < flowRun.runCount ? { ...state, name: 'Retrying' } : state
  }
  if (task.runCount === 0) return state
  return { ...state, name: task.state.name === 'AwaitingRetry' ? 'Retrying' : 'Rerunning' }
}
