import { describe, expect, it } from 'vitest'
import { HISTORY_MAX, PAST_LAUNCHES_MAX } from '#shared/bounds.ts'
import { advance, deadlineOf } from '#shared/flow-run/advance.ts'
import { type FlowRun, NO_POLICY } from '#shared/flow-run/flow-run.ts'
import { newState, STATE_TYPES, type StateDetails, type StateType, TERMINAL_TYPES } from '#shared/flow-run/state.ts'
import type { Origin } from '#shared/flow-run/writer.ts'
import { NEVER } from '#shared/instant.ts'
import { aClaim, aRun, at, runIn, T0, TASK_ARN } from '../support/fixtures/a-run.ts'

const CLIENT: Origin = { kind: 'client', keyId: 'k' }
const enter = (run: FlowRun, type: StateType, seconds: number, details: StateDetails = {}) =>
  advance(run, newState(type, at(seconds), { details }))

describe('the record of states', () => {
  it('says who wrote each, and in which generation', () => {
    const written = advance(runIn('PENDING', { generation: 4 }), newState('RUNNING', at(5)), {}, CLIENT)
    expect(written.history.at(-1)?.by).toEqual({ ...CLIENT, generation: 4 })
  })

  it('numbers the states, keeps past ones, and leaves generation and revision unchanged', () => {
    const running = enter(runIn('PENDING'), 'RUNNING', 5)
    expect(running).toMatchObject({ stateSequence: 2, generation: 1, revision: 0, updated: at(5) })
    expect(running.history.map(({ type, timestamp }) => [type, timestamp])).toEqual([
      ['PENDING', T0],
      ['RUNNING', at(5)],
    ])
  })

  it('each state is later than the one before, even when the clock stands still or goes back', () => {
    const first = enter(aRun(), 'PENDING', 0)
    const second = enter(first, 'RUNNING', -10)
    expect([first.state.timestamp, second.state.timestamp]).toEqual([T0 + 1, T0 + 2])
    expect(second.updated).toBe(T0 + 2)
  })

  it('drops the oldest states, and continues the numbering', () => {
    let run = aRun()
    for (let n = 1; n <= 2 * HISTORY_MAX; n += 1) run = enter(run, 'SCHEDULED', n)
    expect(run.history).toHaveLength(HISTORY_MAX)
    expect(run.history.at(-1)?.timestamp).toBe(at(2 * HISTORY_MAX))
    expect(run.stateSequence).toBe(1 + 2 * HISTORY_MAX)
  })
})

describe('what belongs to one wait for ECS', () => {
  const unanswered = { calls: 3, generations: 2, last: 1 }
  const after = (from: StateType, type: StateType) => enter(runIn(from, { unanswered }), type, 1).unanswered

  it('is kept until the run is at work, or leaves the end that it led to', () => {
    expect(after('PENDING', 'SCHEDULED')).toBe(unanswered)
    expect(after('PENDING', 'CRASHED')).toBe(unanswered)
    expect(after('PENDING', 'RUNNING')).toBeUndefined()
    expect(after('CRASHED', 'SCHEDULED')).toBeUndefined()
  })

  it('counts refused launches until the run is at work or ends', () => {
    const counted = (type: StateType) => enter(runIn('PENDING', { launchRefusals: 2 }), type, 1).launchRefusals
    expect([counted('SCHEDULED'), counted('RUNNING'), counted('CRASHED')]).toEqual([2, 0, 0])
  })
})

describe('a retry policy', () => {
  const typeAfter = (retryType: 'in_process' | 'reschedule') =>
    enter(runIn('RUNNING', { policy: { ...NO_POLICY, retryType } }), 'FAILED', 1).policy.retryType

  it('says that a run retries in its process until the next state, and what else it says stays', () => {
    expect([typeAfter('in_process'), typeAfter('reschedule')]).toEqual([null, 'reschedule'])
  })
})

describe('times', () => {
  it('a run starts when it first runs, and its run time is its time in RUNNING', () => {
    const run = [
      ['RUNNING', 10],
      ['PAUSED', 13],
      ['RUNNING', 100],
      ['COMPLETED', 104.5],
    ].reduce((before, [type, seconds]) => enter(before, type as StateType, Number(seconds)), runIn('PENDING'))
    expect(run).toMatchObject({ startTime: at(10), endTime: at(104.5), totalRunTimeSeconds: 7.5 })
  })

  it('a new name for RUNNING loses no run time', () => {
    const run = enter(enter(runIn('RUNNING'), 'RUNNING', 2), 'FAILED', 5)
    expect(run).toMatchObject({ totalRunTimeSeconds: 5, startTime: T0, runCount: 1 })
  })

  it.each(TERMINAL_TYPES)('a claimed run that is %s without having run started when it ended', (type) => {
    expect(enter(runIn('PENDING'), type, 7)).toMatchObject({ startTime: at(7), endTime: at(7) })
  })

  it('a run that ends before it is claimed never started', () => {
    expect(enter(aRun(), 'CANCELLED', 7)).toMatchObject({ startTime: null, endTime: at(7) })
  })

  it('a retry has no end yet, and a corrected end is no later than the first one', () => {
    const ended = enter(runIn('RUNNING'), 'FAILED', 7)
    expect(enter(ended, 'SCHEDULED', 9)).toMatchObject({ endTime: null, startTime: T0 })
    expect(enter(ended, 'COMPLETED', 9)).toMatchObject({ endTime: at(7) })
  })

  it('a scheduled run is due at its scheduled time; in other states no run is due', () => {
    expect(enter(aRun(), 'SCHEDULED', 1, { scheduledTime: at(60) }).nextScheduledStartTime).toBe(at(60))
    expect(enter(aRun(), 'SCHEDULED', 1).nextScheduledStartTime).toBe(at(1))
    const others = STATE_TYPES.filter((type) => type !== 'SCHEDULED')
    const dues = others.map((type) => enter(aRun(), type, 1, { scheduledTime: at(60) }).nextScheduledStartTime)
    expect(new Set(dues)).toEqual(new Set([null]))
  })
})

describe('the run count', () => {
  it('counts the times that a run begins to run', () => {
    const twice = ['RUNNING', 'SCHEDULED', 'RUNNING', 'RUNNING'] as const
    const run = twice.reduce((before, type, n) => enter(before, type, n + 1), runIn('PENDING'))
    expect(run.runCount).toBe(2)
  })

  /**
   * Prefect marks the run as resuming after counting, so there a pause that keeps its process uses up one of the flow's
   * retries; here it doesn't.
   */
  it('does not count a resumed run again, and clears its resuming mark', () => {
    const direct = advance(runIn('PAUSED'), newState('RUNNING', at(1)), { resuming: true })
    expect(direct).toMatchObject({ runCount: 1, policy: { resuming: false } })
    const scheduled = advance(runIn('PAUSED'), newState('SCHEDULED', at(1)), { resuming: true })
    expect(scheduled).toMatchObject({ runCount: 1, policy: { resuming: true } })
    const running = enter(enter(scheduled, 'PENDING', 2), 'RUNNING', 3)
    expect(running).toMatchObject({ runCount: 1, policy: { resuming: false } })
  })

  it('a resumed run that ends without having run is no longer resuming', () => {
    const scheduled = advance(runIn('PAUSED'), newState('SCHEDULED', at(1)), { resuming: true })
    expect(enter(scheduled, 'CANCELLED', 2).policy.resuming).toBe(false)
  })
})

describe('the claim', () => {
  const inProcess = { ...NO_POLICY, retryType: 'in_process' } as const
  const retrying = runIn('RUNNING', { state: newState('SCHEDULED', T0, { name: 'AwaitingRetry' }), policy: inProcess })
  const KEPT: [string, FlowRun, StateType, StateDetails, boolean][] = [
    ['starting', runIn('PENDING'), 'RUNNING', {}, true],
    ['a new name for PENDING', runIn('PENDING'), 'PENDING', {}, true],
    ['cancelling', runIn('RUNNING'), 'CANCELLING', {}, true],
    ['a pause that keeps its process', runIn('RUNNING'), 'PAUSED', {}, true],
    ['the end of that pause', runIn('PAUSED'), 'RUNNING', {}, true],
    ['a suspension', runIn('RUNNING'), 'PAUSED', { pauseReschedule: true }, false],
    ['the start of a retry by the process itself', retrying, 'RUNNING', {}, true],
    ['another schedule for a run whose process waits to retry', retrying, 'SCHEDULED', {}, false],
    ['a retry after one by the process itself', runIn('RUNNING', { policy: inProcess }), 'SCHEDULED', {}, false],
    ['any other retry', runIn('RUNNING'), 'SCHEDULED', {}, false],
    ['a launch that is undone', runIn('PENDING'), 'SCHEDULED', {}, false],
    ...TERMINAL_TYPES.map((type): [string, FlowRun, StateType, StateDetails, boolean] => [
      'the end',
      runIn('RUNNING'),
      type,
      {},
      false,
    ]),
  ]
  it.each(KEPT)('%s (%o to %s) keeps the claim or ends it', (_what, run, type, details, kept) => {
    const { claim } = enter(run, type, 1, details)
    expect(claim && { id: claim.id, slots: claim.slots }).toEqual(
      kept ? { id: 'claim-1', slots: run.claim?.slots } : null,
    )
  })

  it('is kept by the transition that starts a retry by the process itself, and by its policy no longer', () => {
    const waiting = advance(runIn('RUNNING'), newState('SCHEDULED', at(1)), { retryType: 'in_process' })
    expect(waiting).toMatchObject({ claim: { id: 'claim-1' }, policy: { retryType: 'in_process' } })
    expect(enter(waiting, 'RUNNING', 2).policy.retryType).toBeNull()
    expect(enter(waiting, 'SCHEDULED', 2)).toMatchObject({ claim: null, policy: { retryType: null } })
  })

  it('is never created here', () => {
    expect(STATE_TYPES.filter((type) => enter(aRun(), type, 1).claim !== null)).toEqual([])
  })

  it('the ECS task stays on record as long as the claim, and beyond its end', () => {
    const launch = { attempt: 1, taskArn: TASK_ARN, taskVersion: 3 }
    expect(enter(runIn('RUNNING'), 'COMPLETED', 1).launch).toEqual(launch)
    expect(enter(runIn('RUNNING'), 'CANCELLING', 1).launch).toEqual(launch)
    expect(enter(runIn('RUNNING'), 'SCHEDULED', 1).launch).toBeNull()
    expect(enter(enter(runIn('RUNNING'), 'FAILED', 1), 'SCHEDULED', 2).launch).toBeNull()
  })

  it('a launch whose generation is over is kept, the last five of them', () => {
    const launch = { attempt: 1, taskArn: TASK_ARN, taskVersion: 3, launchedAt: T0 }
    let run = runIn('RUNNING', { launch })
    for (let generation = 1; generation <= PAST_LAUNCHES_MAX + 1; generation += 1) {
      const state = newState('SCHEDULED', at(generation), { message: `end of ${generation}` })
      run = { ...advance({ ...run, generation, launch, claim: aClaim() }, state) }
    }
    expect(run.launch).toBeNull()
    expect(run.pastLaunches.map(({ generation }) => generation)).toEqual([2, 3, 4, 5, 6])
    const { taskVersion: _, ...told } = launch
    expect(run.pastLaunches.at(-1)).toEqual({ ...told, generation: 6, reason: 'end of 6' })
    expect(enter(runIn('RUNNING', { launch }), 'COMPLETED', 1).pastLaunches).toEqual([])
  })

  it('what ECS has not answered is remembered up to the end that it leads to, and forgotten once the run runs or is retried', () => {
    const unanswered = { calls: 3, generations: 1, last: 1 }
    const pending = runIn('PENDING', { unanswered })
    const waiting = enter(pending, 'SCHEDULED', 1)
    expect(waiting.unanswered).toEqual(unanswered)
    const crashed = enter(pending, 'CRASHED', 1)
    expect(crashed.unanswered).toEqual(unanswered)
    expect(enter(crashed, 'SCHEDULED', 2).unanswered).toBeUndefined()
    expect(enter(pending, 'RUNNING', 1).unanswered).toBeUndefined()
  })

  it('any state unparks a parked run, and refused launches count until the run runs or ends', () => {
    const parked = aRun({ blockedBy: 'deployment#d', launchRefusals: 3 })
    expect(enter(parked, 'SCHEDULED', 1)).toMatchObject({ blockedBy: null, launchRefusals: 3 })
    expect(enter(parked, 'RUNNING', 1).launchRefusals).toBe(0)
    expect(enter(parked, 'CANCELLED', 1).launchRefusals).toBe(0)
  })
})

describe('the lease', () => {
  const by = (kind: 'dispatcher' | 'client' | 'agent') => aClaim({ by: { kind, name: null }, leaseUntil: at(900) })
  const leaseOf = (run: FlowRun) => run.claim?.leaseUntil

  it.each([
    ['dispatcher', 61],
    ['client', 301],
    ['agent', 301],
  ] as const)('a cancelling run held by a %s is inspected again %i s later', (kind, seconds) => {
    expect(leaseOf(enter(runIn('RUNNING', { claim: by(kind) }), 'CANCELLING', 1))).toBe(at(seconds))
  })

  it.each([
    ['dispatcher', 10, at(11)],
    ['dispatcher', 5000, at(900)],
    ['dispatcher', null, at(900)],
    ['client', 10, at(900)],
    ['agent', 10, at(900)],
  ] as const)('a run held by a %s with a time limit of %s s is inspected at %i', (kind, timeoutSeconds, lease) => {
    const run = runIn('PENDING', { claim: by(kind), timeoutSeconds })
    expect(leaseOf(enter(run, 'RUNNING', 1))).toBe(lease)
  })

  it('is not changed by anything else, since each change costs two index writes', () => {
    const leases = (['PENDING', 'RUNNING'] as const).map((type) => leaseOf(enter(runIn('RUNNING'), type, 1)))
    expect(leases).toEqual([at(900), at(900)])
    expect(leaseOf(enter(runIn('RUNNING', { timeoutSeconds: 10 }), 'PENDING', 1))).toBe(at(900))
  })

  it.each([
    ['dispatcher', undefined, at(1 + 6 * 3600)],
    ['dispatcher', at(100), at(100)],
    ['client', undefined, at(900)],
    ['agent', at(100), at(100)],
  ] as const)('a pause of what a %s holds, with timeout %s, is looked at at %i', (kind, pauseTimeout, lease) => {
    const state = newState('PAUSED', at(1), { details: { pauseTimeout } })
    const paused = advance(runIn('RUNNING', { claim: by(kind) }), state)
    expect(leaseOf(paused)).toBe(lease)
    const resumed = { dispatcher: at(902), client: NEVER, agent: at(902) }
    expect(leaseOf(advance(paused, newState('RUNNING', at(2))))).toBe(resumed[kind])
  })

  it('without a time limit there is no deadline', () => {
    expect(deadlineOf(T0, null)).toBe(NEVER)
    expect(deadlineOf(T0, 1.5)).toBe(at(1.5))
  })
})
