import { describe, expect, it } from 'vitest'
import { advance } from '#shared/flow-run/advance.ts'
import { type FlowRun, NO_POLICY } from '#shared/flow-run/flow-run.ts'
import { propose } from '#shared/flow-run/propose.ts'
import { newState, type StateType, TERMINAL_TYPES } from '#shared/flow-run/state.ts'
import type { ProposalContext, ProposedState } from '#shared/flow-run/verdict.ts'
import { aClaim, aRun, at, runIn, someDetails, T0 } from '../support/fixtures/a-run.ts'

const NOW = at(1)
const decide = (run: FlowRun, proposed: ProposedState, context: Partial<ProposalContext> = {}) =>
  propose(run, proposed, { now: NOW, force: false, ...context })

describe('the generation', () => {
  it.each([0, 2])('a proposer in generation %i of a run in generation 1 is rejected', (generation) => {
    const reason = `stale_generation: the run is in generation 1, not ${generation}.`
    expect(decide(runIn('RUNNING'), { type: 'COMPLETED' }, { fence: { generation } })).toEqual({
      status: 'ABORT',
      reason,
    })
  })

  it('neither force nor a repeated transition gets past it', () => {
    const run = runIn('RUNNING', { state: newState('RUNNING', T0, { details: { transitionId: 'same' } }) })
    const again = { type: 'RUNNING', details: { transitionId: 'same' } } as const
    expect(decide(run, again, { fence: { generation: 0 }, force: true })).toMatchObject({ status: 'ABORT' })
  })

  it('a proposer whose claim has ended is rejected while the run waits for the next', () => {
    const taken = aRun({ generation: 1 })
    const lost = { status: 'ABORT', reason: 'stale_generation: the run was taken back and waits to be claimed again.' }
    expect(decide(taken, { type: 'CRASHED' }, { fence: { generation: 1 }, force: true })).toEqual(lost)
    expect(decide(taken, { type: 'CRASHED' }, { force: true })).toMatchObject({ status: 'ACCEPT' })
    const retrying = { ...taken, claim: aClaim(), policy: { ...NO_POLICY, retryType: 'in_process' as const } }
    expect(decide(retrying, { type: 'RUNNING' }, { fence: { generation: 1 } })).toMatchObject({ status: 'ACCEPT' })
    expect(decide(aRun(), { type: 'PENDING' }, { fence: { generation: 0 } })).toMatchObject({ status: 'ACCEPT' })
  })

  it('a proposer in the current generation, or without one, is accepted', () => {
    expect(decide(runIn('RUNNING'), { type: 'COMPLETED' }, { fence: { generation: 1 } })).toMatchObject({
      status: 'ACCEPT',
    })
    expect(decide(runIn('RUNNING'), { type: 'COMPLETED' })).toMatchObject({ status: 'ACCEPT' })
  })
})

describe('a launched command', () => {
  const held = (type: 'PENDING' | 'RUNNING' | 'CANCELLING') => runIn(type, { job: 'command' })

  it.each([false, true])('ends with its ECS task and not by a proposal (force %s)', (force) => {
    for (const type of ['COMPLETED', 'FAILED', 'CRASHED', 'SCHEDULED', 'PAUSED'] as const) {
      expect(decide(held('RUNNING'), { type }, { force })).toMatchObject({ status: 'ABORT' })
      const kept = { status: 'REJECT', written: false, state: { type: 'CANCELLING' } }
      expect(decide(held('CANCELLING'), { type }, { force })).toMatchObject(kept)
    }
  })

  it.each([false, true])('is stopped before it is cancelled (force %s)', (force) => {
    const adopted = { status: 'REJECT', written: true, state: { type: 'CANCELLING' } }
    expect(decide(held('PENDING'), { type: 'CANCELLED' }, { force })).toMatchObject(adopted)
    const kept = { status: 'REJECT', written: false, state: { type: 'CANCELLING' } }
    expect(decide(held('CANCELLING'), { type: 'CANCELLED' }, { force })).toMatchObject(kept)
  })

  it('may be ended by a client that holds it, such as a worker', () => {
    const claim = aClaim({ by: { kind: 'client', name: null } })
    expect(decide(runIn('RUNNING', { job: 'command', claim }), { type: 'FAILED' })).toMatchObject({ status: 'ACCEPT' })
  })
})

describe('a repeated transition', () => {
  const run = runIn('CANCELLED', { state: newState('CANCELLED', T0, { details: { transitionId: 'same' } }) })

  it.each([false, true])('returns the state that the first one led to (force %s)', (force) => {
    const verdict = decide(run, { type: 'CANCELLING', details: { transitionId: 'same' } }, { force })
    const reason = 'This run has already made this state transition.'
    expect(verdict).toEqual({ status: 'REJECT', reason, written: false, state: run.state })
  })

  it('needs the same id, and an id at all', () => {
    expect(decide(run, { type: 'CANCELLING', details: { transitionId: 'other' } })).toMatchObject({ status: 'ABORT' })
    const nameless = runIn('RUNNING')
    expect(decide(nameless, { type: 'RUNNING' })).toMatchObject({ status: 'ACCEPT' })
  })
})

describe('the end of a run', () => {
  it.each(TERMINAL_TYPES)('a retry of a %s run starts with a clean policy', (type) => {
    const policy = { ...NO_POLICY, resuming: true, pauseKeys: ['a'], retries: 3, retryType: 'in_process' } as const
    const verdict = decide(runIn(type, { policy: { ...policy, pauseKeys: ['a'] } }), { type: 'SCHEDULED' })
    const change = { resuming: false, pauseKeys: [], retryType: 'reschedule' }
    expect(verdict).toMatchObject({ status: 'ACCEPT', policy: change, state: { details: { scheduledTime: NOW } } })
  })

  const RESULTS: [string, unknown, 'ACCEPT' | 'REJECT'][] = [
    ['no data', null, 'ACCEPT'],
    ["Prefect 2's mark of an unpersisted result", { type: 'unpersisted' }, 'ACCEPT'],
    ['the record of a persisted result', { type: 'result', storage_key: 'x' }, 'REJECT'],
    ['data of some other form', 'opaque', 'REJECT'],
  ]
  it.each(RESULTS)('a retry of a completed run with %s (%j) gets %s', (_what, data, status) => {
    const run = runIn('COMPLETED', { state: newState('COMPLETED', T0, { data }) })
    expect(decide(run, { type: 'SCHEDULED' })).toMatchObject({ status })
    expect(decide(run, { type: 'SCHEDULED' }, { force: true })).toMatchObject({ status: 'ACCEPT' })
  })

  it('a kept result is reported before a missing deployment, as in Prefect', () => {
    const run = runIn('COMPLETED', { state: newState('COMPLETED', T0, { data: { a: 1 } }), deploymentId: null })
    expect(decide(run, { type: 'SCHEDULED' })).toMatchObject({ reason: 'Run is already COMPLETED.', written: false })
  })

  it('with force, a run started by hand can be scheduled again: its client runs it', () => {
    const run = runIn('FAILED', { deploymentId: null, poolId: null, queueId: null })
    expect(decide(run, { type: 'SCHEDULED' })).toMatchObject({ status: 'ABORT' })
    expect(decide(run, { type: 'SCHEDULED' }, { force: true })).toMatchObject({ status: 'ACCEPT' })
  })

  it('force corrects a terminal state, and never loses the result of a completed run', () => {
    const data = { type: 'result', storage_key: 'x' }
    const run = runIn('COMPLETED', { state: newState('COMPLETED', T0, { data }) })
    const correct = (type: StateType, rest: object = {}) => decide(run, { type, ...rest }, { force: true })
    expect(correct('FAILED')).toMatchObject({ status: 'ACCEPT' })
    expect(correct('COMPLETED', { data: { type: 'other' } })).toMatchObject({ status: 'ACCEPT' })
    expect(correct('COMPLETED')).toMatchObject({
      status: 'REJECT',
      written: false,
      reason: 'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.',
    })
  })

  it('a failed run with data may be retried: only a success has something to lose', () => {
    const run = runIn('FAILED', { state: newState('FAILED', T0, { data: { type: 'result' } }) })
    expect(decide(run, { type: 'SCHEDULED' })).toMatchObject({ status: 'ACCEPT' })
  })
})

describe('the policy', () => {
  it('is changed only by retries, pauses and resumes', () => {
    const policy = { ...NO_POLICY, pauseKeys: ['a'], retryType: 'reschedule' } as const
    const given = { policy: { ...policy, pauseKeys: ['a'] } }
    const changes = [
      decide(runIn('PENDING', given), { type: 'RUNNING' }),
      decide(runIn('RUNNING', given), { type: 'SCHEDULED' }),
      decide(runIn('RUNNING', given), { type: 'COMPLETED' }),
      decide(runIn('FAILED', given), { type: 'COMPLETED' }, { force: true }),
      decide(runIn('PAUSED', given), { type: 'CANCELLED' }),
    ]
    const unchanged = { status: 'ACCEPT', policy: undefined, state: expect.anything() as unknown }
    expect(changes).toEqual(changes.map(() => unchanged))
  })
})

describe('cancelling', () => {
  const cancel = { type: 'CANCELLING', message: 'enough', details: { transitionId: 'c' } } as const

  it('a waiting run is cancelled at once, and a repeated request is recognized by its id', () => {
    const verdict = decide(aRun(), cancel)
    const state = { type: 'CANCELLED', name: 'Cancelled', message: 'enough', details: { transitionId: 'c' } }
    expect(verdict).toMatchObject({ status: 'REJECT', written: true, state })
  })

  it('a run whose own process waits to retry is cancelled through that process', () => {
    const policy = { ...NO_POLICY, retryType: 'in_process' } as const
    const waiting = runIn('RUNNING', { state: newState('SCHEDULED', T0, { name: 'AwaitingRetry' }), policy })
    expect(decide(waiting, cancel)).toMatchObject({ status: 'ACCEPT', state: { type: 'CANCELLING' } })
  })

  it('a run paused by force before it was claimed is cancelled at once', () => {
    expect(decide(runIn('PAUSED', { claim: null, launch: null }), cancel)).toMatchObject({
      state: { type: 'CANCELLED' },
    })
  })

  it('a suspended run started by hand is cancelled at once, a paused one through its process', () => {
    const byHand = { deploymentId: null, poolId: null, queueId: null, claim: null, launch: null }
    const suspended = newState('PAUSED', T0, { details: { pauseReschedule: true } })
    expect(decide(runIn('PAUSED', { ...byHand, state: suspended }), cancel)).toMatchObject({ status: 'REJECT' })
    expect(decide(runIn('PAUSED', byHand), cancel)).toMatchObject({ status: 'ACCEPT', state: { type: 'CANCELLING' } })
  })

  it.each([false, true])('only CANCELLED follows, even after a repeated cancel (force %s)', (force) => {
    const verdict = decide(runIn('CANCELLING'), { type: 'COMPLETED' }, { force })
    expect(verdict.status).toBe(force ? 'ACCEPT' : 'REJECT')
    expect(decide(runIn('CANCELLING'), { type: 'CANCELLED' }, { force }).status).toBe('ACCEPT')
  })

  it.each(['flow', 'command'] as const)('a %s in an ECS task does not crash by its termination', (job) => {
    const verdict = decide(runIn('CANCELLING', { job }), { type: 'CRASHED' }, { force: true })
    expect(verdict).toMatchObject({ status: 'REJECT', written: false, state: { type: 'CANCELLING' } })
    const pulled = runIn('CANCELLING', { job, claim: aClaim({ by: { kind: 'client', name: null } }) })
    expect(decide(pulled, { type: 'CRASHED' }, { force: true }).status).toBe('ACCEPT')
  })
})

describe('PENDING', () => {
  const NAMES: [string, string, 'ACCEPT' | 'ABORT'][] = [
    ['Pending', 'Submitting', 'ACCEPT'],
    ['Submitting', 'InfrastructurePending', 'ACCEPT'],
    ['Pending', 'Pending', 'ABORT'],
    ['Submitting', 'Submitting', 'ABORT'],
    ['Submitting', 'Pending', 'ABORT'],
  ]
  it.each(NAMES)('a claimed run named %s may be renamed %s: %s', (name, proposed, status) => {
    const run = runIn('PENDING', { state: newState('PENDING', T0, { name, details: { scheduledTime: at(60) } }) })
    const verdict = decide(run, { type: 'PENDING', name: proposed, details: { scheduledTime: at(5) } })
    expect(verdict).toMatchObject(
      status === 'ACCEPT' ? { status, state: { name: proposed, details: { scheduledTime: at(60) } } } : { status },
    )
  })

  it('is rejected for a run whose own process waits to retry', () => {
    const policy = { ...NO_POLICY, retryType: 'in_process' } as const
    const reason = 'This run is in a SCHEDULED state and cannot transition to a PENDING state.'
    expect(decide(aRun({ policy, claim: aClaim() }), { type: 'PENDING' })).toEqual({ status: 'ABORT', reason })
    expect(decide(aRun({ policy }), { type: 'PENDING' })).toMatchObject({ status: 'ACCEPT' })
  })

  it('keeps the due time of the run, unless it sets its own', () => {
    const run = aRun({ state: newState('SCHEDULED', T0, { details: { scheduledTime: at(30) } }) })
    const kept = { state: { details: { scheduledTime: at(30) } } }
    expect(decide(run, { type: 'PENDING' })).toMatchObject(kept)
    expect(decide(run, { type: 'PENDING' }, { force: true })).toMatchObject(kept)
    const own = decide(run, { type: 'PENDING', details: { scheduledTime: at(5), transitionId: 'x' } })
    expect(own).toMatchObject({ state: { details: { scheduledTime: at(5), transitionId: 'x' } } })
  })
})

describe('Late', () => {
  it('is a name only for scheduled runs', () => {
    const late = { type: 'SCHEDULED', name: 'Late' } as const
    expect(decide(aRun(), late)).toMatchObject({ status: 'ACCEPT', state: { name: 'Late' } })
    const reason = 'Only scheduled flows can be marked late.'
    expect(decide(runIn('RUNNING'), late)).toMatchObject({ status: 'REJECT', reason, written: false })
    expect(decide(runIn('RUNNING'), late, { force: true })).toMatchObject({ status: 'ACCEPT' })
    expect(decide(runIn('RUNNING'), { type: 'SCHEDULED', name: 'AwaitingRetry' })).toMatchObject({ status: 'ACCEPT' })
  })
})

describe('pausing', () => {
  it('a pause with a key happens once; the key is remembered', () => {
    const policy = { ...NO_POLICY, pauseKeys: ['a'] }
    const pause = (pauseKey: string) => decide(runIn('RUNNING', { policy }), { type: 'PAUSED', details: { pauseKey } })
    expect(pause('a')).toMatchObject({ status: 'REJECT', reason: 'This pause has already fired.', written: false })
    expect(pause('b')).toMatchObject({ status: 'ACCEPT', policy: { pauseKeys: ['a', 'b'] } })
  })

  it('a pause without a key may happen again', () => {
    const verdict = decide(runIn('RUNNING', { policy: { ...NO_POLICY, pauseKeys: ['a'] } }), { type: 'PAUSED' })
    expect(verdict).toMatchObject({ status: 'ACCEPT', policy: undefined })
  })

  const suspend = { type: 'PAUSED', name: 'Suspended', details: { pauseReschedule: true, pauseKey: 'k' } } as const
  const SUSPENSIONS: [string, FlowRun, string | null][] = [
    ['a running run of a deployment', runIn('RUNNING'), null],
    [
      'a subflow',
      runIn('RUNNING', { details: someDetails({ parentTaskRunId: 'task' }) }),
      'ABORT Cannot suspend subflows.',
    ],
    [
      'a run without a deployment',
      runIn('RUNNING', { deploymentId: null }),
      'ABORT Cannot suspend flows without a deployment.',
    ],
    ['a pending run', runIn('PENDING'), 'REJECT Cannot suspend flows that are not currently running.'],
    [
      'a run already suspended by the same key',
      runIn('RUNNING', { policy: { ...NO_POLICY, pauseKeys: ['k'] } }),
      'REJECT This suspend has already fired.',
    ],
  ]
  it.each(SUSPENSIONS)('suspending %s', (_what, run, refusal) => {
    const verdict = decide(run, suspend)
    expect('reason' in verdict ? `${verdict.status} ${verdict.reason}` : null).toBe(refusal)
  })
})

describe('resuming', () => {
  const pausedUntil = (seconds: number) =>
    runIn('PAUSED', { state: newState('PAUSED', T0, { details: { pauseTimeout: at(seconds) } }) })

  it('a paused run with a live process is marked as resuming', () => {
    const resumed = decide(pausedUntil(60), { type: 'RUNNING' })
    expect(resumed).toMatchObject({ status: 'ACCEPT', policy: { resuming: true } })
  })

  it('a suspended run scheduled again is marked as resuming, and keeps its past pauses', () => {
    const state = newState('PAUSED', T0, { details: { pauseReschedule: true } })
    const policy = { ...NO_POLICY, pauseKeys: ['a'] }
    const resumed = decide(runIn('PAUSED', { state, policy }), { type: 'SCHEDULED' })
    expect(resumed).toMatchObject({ status: 'ACCEPT', policy: { resuming: true } })
    expect(resumed).not.toHaveProperty('policy.pauseKeys')
  })

  it('a paused run whose process is gone starts over, so that its pauses count again', () => {
    const scheduled = decide(pausedUntil(60), { type: 'SCHEDULED' })
    const policy = { resuming: false, pauseKeys: [], retryType: 'reschedule' }
    expect(scheduled).toMatchObject({ status: 'ACCEPT', policy })
  })

  it.each(['RUNNING', 'SCHEDULED'] as const)('%s is too late after the timeout, and the run fails', (type) => {
    const verdict = decide(pausedUntil(0), { type })
    const reason = 'The flow run pause has timed out and can no longer resume.'
    const state = { type: 'FAILED', message: 'The flow was paused and never resumed.' }
    expect(verdict).toMatchObject({ status: 'REJECT', reason, written: true, state })
    expect(decide(pausedUntil(1), { type })).toMatchObject({ status: 'ACCEPT' })
  })

  it.each(['CANCELLED', 'FAILED', 'CANCELLING'] as const)('%s is accepted even after the timeout', (type) => {
    expect(decide(pausedUntil(0), { type })).toMatchObject({ status: 'ACCEPT', state: { type } })
  })

  it('a suspended run that lost its deployment stays suspended', () => {
    const state = newState('PAUSED', T0, { details: { pauseReschedule: true } })
    const run = runIn('PAUSED', { state, deploymentId: null, claim: null })
    const reason = 'Cannot reschedule a paused flow run without a deployment.'
    expect(decide(run, { type: 'SCHEDULED' })).toMatchObject({ status: 'REJECT', reason, written: false })
  })

  it('a suspended run holds no slots, so it can only run by being scheduled again', () => {
    const state = newState('PAUSED', T0, { details: { pauseReschedule: true } })
    const suspended = runIn('PAUSED', { state, claim: null, launch: null })
    expect(decide(suspended, { type: 'RUNNING' }, { force: true })).toMatchObject({ status: 'ABORT' })
    expect(decide(suspended, { type: 'SCHEDULED', name: 'Resuming' })).toMatchObject({ status: 'ACCEPT' })
  })
})

describe('the scheduled time', () => {
  const due = (type: 'SCHEDULED' | 'PENDING' | 'RUNNING', microseconds: number) =>
    runIn(type, { state: newState(type, T0, { details: { scheduledTime: NOW + microseconds } }) })

  const WAITS: [number, number | null][] = [
    [-1, null],
    [0, null],
    [1, 1],
    [999_999, 1],
    [1_000_000, 1],
    [1_000_001, 2],
    [9_000_000, 9],
    [3_600_000_000, 3600],
  ]
  it.each(WAITS)('RUNNING %i microseconds before a run is due waits %s whole seconds', (early, seconds) => {
    for (const type of ['SCHEDULED', 'PENDING'] as const) {
      const reason = 'Scheduled time is in the future'
      const wait = { status: 'WAIT', delaySeconds: seconds, reason }
      expect(decide(due(type, early), { type: 'RUNNING' })).toMatchObject(
        seconds === null ? { status: 'ACCEPT' } : wait,
      )
    }
  })

  it('is overruled by force, and ignored once the run is running', () => {
    expect(decide(due('SCHEDULED', 60e6), { type: 'RUNNING' }, { force: true })).toMatchObject({ status: 'ACCEPT' })
    expect(decide(due('RUNNING', 60e6), { type: 'RUNNING' })).toMatchObject({ status: 'ACCEPT' })
  })
})

describe("a flow's own retries", () => {
  const failing = (retries: number | null, runCount: number, retryDelay: number | null = null) =>
    runIn('RUNNING', { runCount, policy: { ...NO_POLICY, retries, retryDelay, resuming: true, pauseKeys: ['a'] } })

  const COUNTS: [number | null, number, boolean][] = [
    [null, 1, false],
    [0, 1, false],
    [1, 1, true],
    [1, 2, false],
    [2, 2, true],
    [2, 3, false],
  ]
  it.each(COUNTS)('with retries %s, a failure of run number %i is retried: %s', (retries, runCount, again) => {
    const verdict = decide(failing(retries, runCount), { type: 'FAILED', message: 'no', data: { a: 1 } })
    const state = { type: 'SCHEDULED', name: 'AwaitingRetry', message: 'no', data: { a: 1 } }
    const policy = { retryType: 'in_process', resuming: false, pauseKeys: [] }
    const retried = { status: 'REJECT', reason: 'Retrying', written: true, state, policy }
    expect(verdict).toMatchObject(again ? retried : { status: 'ACCEPT', state: { type: 'FAILED' } })
  })

  it('cover a failure reported twice because the response was lost', () => {
    const failed = { type: 'FAILED', details: { transitionId: 'f' } } as const
    const first = decide(failing(1, 1), failed)
    if (first.status !== 'REJECT') throw new Error(first.status)
    const policy = { ...NO_POLICY, ...first.policy }
    const second = decide(runIn('RUNNING', { state: first.state, policy }), failed)
    expect(second).toMatchObject({ status: 'REJECT', state: first.state, written: false })
  })

  it.each([
    [null, 1],
    [0, 1],
    [10, 11],
    [0.5, 1.5],
  ])('delay the next try: %s s', (retryDelay, seconds) => {
    const verdict = decide(failing(1, 1, retryDelay), { type: 'FAILED' })
    expect(verdict).toMatchObject({ state: { details: { scheduledTime: at(seconds) } } })
  })

  it('apply to failures of a running flow, not to a crash, a forced failure, or one before the start', () => {
    expect(decide(failing(1, 1), { type: 'CRASHED' })).toMatchObject({ status: 'ACCEPT' })
    expect(decide(failing(1, 1), { type: 'FAILED' }, { force: true })).toMatchObject({ status: 'ACCEPT' })
    const pending = runIn('PENDING', { policy: { ...NO_POLICY, retries: 1 } })
    expect(decide(pending, { type: 'FAILED' })).toMatchObject({ status: 'ACCEPT' })
  })

  it('end when the process runs again', () => {
    const policy = { ...NO_POLICY, retries: 1, retryType: 'in_process' } as const
    const waiting = runIn('RUNNING', { state: newState('SCHEDULED', T0, { name: 'AwaitingRetry' }), policy })
    const verdict = decide(waiting, { type: 'RUNNING' })
    if (verdict.status !== 'ACCEPT') throw new Error(verdict.status)
    expect(advance(waiting, verdict.state, verdict.policy)).toMatchObject({ policy: { retryType: null } })
  })
})

describe('rules apply only where they belong', () => {
  it('a new name makes PENDING of nothing but PENDING', () => {
    expect(decide(runIn('RUNNING'), { type: 'PENDING', name: 'Submitting' })).toMatchObject({ status: 'ABORT' })
  })

  it('a state may be called Late that is no SCHEDULED one', () => {
    expect(decide(runIn('PENDING'), { type: 'RUNNING', name: 'Late' })).toMatchObject({ status: 'ACCEPT' })
  })

  it('data of an end other than COMPLETED is no result that force would lose', () => {
    const failed = runIn('FAILED', { state: newState('FAILED', T0, { data: { type: 'reference' } }) })
    expect(decide(failed, { type: 'COMPLETED' }, { force: true })).toMatchObject({ status: 'ACCEPT' })
  })
})
