import { describe, expect, it } from 'vitest'
import { newState, type State, type StateType } from '#shared/flow-run/state.ts'
import { proposeTaskRunState, type TaskRunContext } from '#shared/task-run/propose-task-run-state.ts'
import { NO_TASK_POLICY, type TaskRun } from '#shared/task-run/task-run.ts'
import { aRun, at, T0 } from '../support/fixtures/a-run.ts'
import { aTaskRun } from '../support/fixtures/a-task-run.ts'

const flowRunIn = (type: StateType, rest: Partial<State> = {}) => aRun({ state: newState(type, T0, rest), runCount: 1 })
const context: TaskRunContext = { now: at(10), flowRun: flowRunIn('RUNNING'), chance: 0.5 }
const propose = (task: TaskRun, type: StateType, more: Partial<TaskRunContext> = {}, rest: Partial<State> = {}) =>
  proposeTaskRunState(task, newState(type, at(10), rest), { ...context, ...more })
const inState = (type: StateType, rest: Partial<State> = {}, task: Partial<TaskRun> = {}) =>
  aTaskRun({ ...task, state: newState(type, T0, rest) })

describe('a task run whose flow run is not running', () => {
  it.each(['SCHEDULED', 'PENDING', 'CANCELLING', 'CANCELLED', 'FAILED'] as const)(
    'may not start while that is %s',
    (type) => {
      expect(propose(aTaskRun(), 'RUNNING', { flowRun: flowRunIn(type) })).toMatchObject({
        status: 'ABORT',
        reason: 'The enclosing flow must be running to begin task execution.',
      })
    },
  )

  it('waits while the flow run is paused, until its timeout', () => {
    const paused = flowRunIn('PAUSED', { details: { pauseTimeout: at(99), pauseReschedule: true } })
    expect(propose(aTaskRun(), 'RUNNING', { flowRun: paused })).toMatchObject({
      status: 'REJECT',
      written: true,
      state: { type: 'PAUSED', name: 'NotReady', details: { pauseTimeout: at(99), pauseReschedule: true } },
    })
  })

  it('may still end, and start by force', () => {
    const flowRun = flowRunIn('FAILED')
    expect(propose(inState('RUNNING'), 'COMPLETED', { flowRun }).status).toBe('ACCEPT')
    const forced = proposeTaskRunState(aTaskRun(), newState('RUNNING', at(10)), { ...context, flowRun }, true)
    expect(forced.status).toBe('ACCEPT')
  })

  it('may start outside of flows', () => {
    expect(propose(aTaskRun({ flowRunId: null }), 'RUNNING', { flowRun: null }).status).toBe('ACCEPT')
  })
})

describe('a failed task run', () => {
  const failing = (policy: Partial<TaskRun['policy']>, runCount = 1) =>
    inState('RUNNING', {}, { policy: { ...NO_TASK_POLICY, ...policy }, runCount })

  it('is retried as often as configured, and no more', () => {
    expect(propose(failing({ retries: 2 }, 2), 'FAILED', {}, { message: 'boom' })).toMatchObject({
      status: 'REJECT',
      reason: 'Retrying',
      state: { type: 'SCHEDULED', name: 'AwaitingRetry', message: 'boom' },
    })
    expect(propose(failing({ retries: 2 }, 3), 'FAILED').status).toBe('ACCEPT')
    expect(propose(failing({}), 'FAILED').status).toBe('ACCEPT')
  })

  it.each([
    { runCount: 1, delay: 5 },
    { runCount: 2, delay: 7 },
    { runCount: 3, delay: 7 },
  ])('waits $delay s after try $runCount, by its list of delays', ({ runCount, delay }) => {
    expect(propose(failing({ retries: 9, retryDelay: [5, 7] }, runCount), 'FAILED')).toMatchObject({
      state: { details: { scheduledTime: at(10 + delay) } },
    })
  })

  it.each([
    { chance: 0, waits: 5 },
    { chance: 0.5, waits: 10 },
    { chance: 1, waits: 15 },
  ])('waits 0.5 to 1.5 times as long with a jitter factor of 0.5', ({ chance, waits }) => {
    const task = failing({ retries: 1, retryDelay: 10, retryJitterFactor: 0.5 })
    expect(propose(task, 'FAILED', { chance })).toMatchObject({ state: { details: { scheduledTime: at(10 + waits) } } })
  })

  it('is not retried when its client says so', () => {
    const verdict = propose(failing({ retries: 2 }), 'FAILED', {}, { details: { other: { retriable: false } } })
    expect(verdict.status).toBe('ACCEPT')
  })
})

describe('an ended task run', () => {
  it.each(['CANCELLING', 'PAUSED', 'CRASHED'] as const)('cannot become %s', (type) => {
    expect(propose(inState('FAILED'), type)).toMatchObject({ status: 'ABORT', reason: 'Run is already FAILED.' })
  })

  it('keeps a stored result, and runs again without one', () => {
    expect(propose(inState('COMPLETED', { data: { type: 'reference' } }), 'RUNNING')).toMatchObject({
      status: 'REJECT',
      reason: 'This run is already completed.',
      written: false,
    })
    expect(propose(inState('COMPLETED', { data: { type: 'unpersisted' } }), 'RUNNING').status).toBe('ACCEPT')
  })

  it('is Retrying when its flow run runs again', () => {
    const ended = inState('FAILED', {}, { runCount: 1, flowRunRunCount: 1 })
    const again = { ...flowRunIn('RUNNING'), runCount: 2 }
    expect(propose(ended, 'RUNNING', { flowRun: again })).toMatchObject({ state: { name: 'Retrying' } })
  })
})

describe('the name of RUNNING', () => {
  it.each([
    { runCount: 0, from: 'Scheduled', name: 'Running' },
    { runCount: 1, from: 'AwaitingRetry', name: 'Retrying' },
    { runCount: 1, from: 'Scheduled', name: 'Rerunning' },
  ])('is $name after $runCount tries', ({ runCount, from, name }) => {
    expect(propose(inState('SCHEDULED', { name: from }, { runCount }), 'RUNNING')).toMatchObject({ state: { name } })
  })
})

it('waits until a retry is due, even after PENDING', () => {
  const waiting = inState('SCHEDULED', { details: { scheduledTime: at(12.5) } })
  expect(propose(waiting, 'RUNNING')).toMatchObject({ status: 'WAIT', delaySeconds: 3 })
  expect(propose(waiting, 'PENDING')).toMatchObject({ state: { details: { scheduledTime: at(12.5) } } })
})

it('applies a transition once', () => {
  const details = { transitionId: 'a' }
  expect(propose(inState('RUNNING', { details }), 'RUNNING', {}, { details })).toMatchObject({
    status: 'REJECT',
    written: false,
  })
})

it("leaves the state of a subflow's task run to the subflow, even under force", () => {
  const parent = aTaskRun({ childIds: ['x'] })
  expect(proposeTaskRunState(parent, newState('COMPLETED', at(10)), context, true).status).toBe('ABORT')
})

describe('rules for task runs apply only where they belong', () => {
  it('another transition id is another transition', () => {
    const running = inState('RUNNING', { details: { transitionId: 'a' } })
    const repeated = propose(running, 'RUNNING', {}, { details: { transitionId: 'a' } })
    expect(repeated).toMatchObject({ reason: 'This run has already made this state transition.' })
    expect(propose(running, 'RUNNING', {}, { details: { transitionId: 'b' } }).status).toBe('ACCEPT')
  })

  it('one that has not ended may be cancelled, pause or crash', () => {
    for (const type of ['CANCELLING', 'PAUSED', 'CRASHED'] as const) {
      expect(propose(inState('RUNNING'), type).status).toBe('ACCEPT')
    }
  })

  it('a result is one of a COMPLETED task run that has data', () => {
    expect(propose(inState('COMPLETED'), 'RUNNING').status).toBe('ACCEPT')
    expect(propose(inState('FAILED', { data: { type: 'reference' } }), 'RUNNING').status).toBe('ACCEPT')
  })

  it('only one that waits waits for its time, to the instant', () => {
    const due = (type: StateType, seconds: number) => inState(type, { details: { scheduledTime: at(seconds) } })
    expect(propose(due('SCHEDULED', 10), 'RUNNING').status).toBe('ACCEPT')
    expect(propose(due('PENDING', 11), 'RUNNING')).toMatchObject({ status: 'WAIT', delaySeconds: 1 })
    expect(propose(due('FAILED', 11), 'RUNNING').status).toBe('ACCEPT')
  })

  it('only a failure of one that runs is retried, and only where there are retries', () => {
    const policy = { ...NO_TASK_POLICY, retries: 2 }
    const running = inState('RUNNING', {}, { policy, runCount: 1 })
    expect(propose(running, 'CRASHED').status).toBe('ACCEPT')
    expect(propose(inState('PENDING', {}, { policy, runCount: 1 }), 'FAILED').status).toBe('ACCEPT')
    expect(propose({ ...running, policy: NO_TASK_POLICY, runCount: 0 }, 'FAILED').status).toBe('ACCEPT')
  })

  it('PENDING takes over the time of one that is scheduled, unless it names its own', () => {
    const details = { scheduledTime: at(5) }
    const detailsOf = (task: TaskRun, type: StateType, rest: Partial<State> = {}) => {
      const verdict = propose(task, type, {}, rest)
      return verdict.status === 'ACCEPT' ? verdict.state.details : undefined
    }
    const waiting = inState('SCHEDULED', { details })
    expect(detailsOf(waiting, 'PENDING')).toEqual(details)
    expect(detailsOf(waiting, 'PENDING', { details: { scheduledTime: at(7) } })).toEqual({ scheduledTime: at(7) })
    expect(detailsOf(waiting, 'RUNNING')).toEqual({})
    expect(detailsOf(inState('PENDING', { details }), 'PENDING')).toEqual({})
  })

  it('one that ended runs again by its plain name while its flow run is in the same try', () => {
    const ended = inState('FAILED', {}, { runCount: 1, flowRunRunCount: 1 })
    expect(propose(ended, 'RUNNING')).toMatchObject({ state: { name: 'Running' } })
    expect(propose(ended, 'RUNNING', { flowRun: null })).toMatchObject({ state: { name: 'Running' } })
    const tried = inState('PENDING', {}, { runCount: 1 })
    expect(propose(tried, 'CANCELLED')).toMatchObject({ state: { name: 'Cancelled' } })
  })
})
