import { describe, expect, it } from 'vitest'
import {
  CANCEL_CHECK_SECONDS,
  CLIENT_CANCEL_SECONDS,
  EVIDENCE_SECONDS,
  LAUNCH_GRACE_SECONDS,
  PAUSE_LEASE_SECONDS,
  STOPPED_VISIBLE_SECONDS,
  TOKEN_TRUST_SECONDS,
} from '#shared/bounds.ts'
import { type HoldEvidence, judgeHold } from '#shared/ecs-task/judge-hold.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { addSeconds } from '#shared/instant.ts'
import { aClaim, at, heldIn, runIn, T0, TASK_ARN } from '../support/fixtures/a-run.ts'
import { anExit, aTask } from '../support/fixtures/a-task.ts'

/** Long after the leases of all runs here, and before ECS forgets a task. */
const NOW = at(1000)
const judge = (run: FlowRun, evidence: HoldEvidence = {}, now = NOW) => judgeHold(run, evidence, now)
const unlaunched = (run: FlowRun): FlowRun => ({ ...run, launch: null })
const by = (kind: 'client' | 'agent', leaseUntil = at(900)) => aClaim({ by: { kind, name: null }, leaseUntil })
const live = aTask({ lastStatus: 'RUNNING', startedAt: T0 })

describe('a hold of a client', () => {
  it.each([
    ['of a stock worker goes on', heldIn('RUNNING', by('client')), { kind: 'renew', seconds: Infinity }],
    [
      'of an agent that has it on no record crashes',
      heldIn('RUNNING', by('agent')),
      { kind: 'end', state: { type: 'CRASHED' } },
    ],
    ['of an agent that has reported since goes on', heldIn('RUNNING', by('agent', at(1001))), { kind: 'fresh' }],
    ['that is being cancelled ends', heldIn('CANCELLING', by('client')), { kind: 'end', state: { type: 'CANCELLED' } }],
    ['that has ended is left alone', runIn('SCHEDULED'), { kind: 'gone' }],
  ])('%s', (_what, run, verdict) => {
    expect(judge(run)).toMatchObject(verdict)
  })
})

describe('a stock worker in a pool that ends what silent ones hold', () => {
  const silence = { minutes: 5, since: T0 }
  const held = heldIn('RUNNING', by('client'))

  it('holds on until it has been silent for that long, to the instant', () => {
    expect(judge(held, { silence }, at(299))).toEqual({ kind: 'renew', seconds: 1 })
    const message = 'The worker that held this run was silent for 5 minutes.'
    for (const now of [at(300), at(1000)]) {
      expect(judge(held, { silence }, now)).toMatchObject({ kind: 'end', state: { type: 'CRASHED', message } })
    }
  })

  it('is not asked of agents, nor while the run is being cancelled', () => {
    const agent = { kind: 'end', state: { message: 'No session of the agent that held this run has it on record.' } }
    expect(judge(heldIn('RUNNING', by('agent')), { silence })).toMatchObject(agent)
    const listed = { silence, listed: true }
    expect(judge(heldIn('CANCELLING', by('agent')), listed)).toEqual({ kind: 'renew', seconds: 300 })
    expect(judge(heldIn('RUNNING', by('agent')), listed)).toEqual({ kind: 'renew', seconds: 6 * 3600 })
    const state = newState('CANCELLING', T0, { message: 'enough' })
    const cancelled = { kind: 'end', state: { type: 'CANCELLED', message: 'enough' } }
    expect(judge(heldIn('CANCELLING', by('client'), { state }), { silence })).toMatchObject(cancelled)
  })
})

describe('a hold at the edge', () => {
  const ofAgent = (until: number) => judge(heldIn('RUNNING', by('agent', until)))
  const unclaimed = (type: 'CANCELLING' | 'RUNNING') => runIn(type, { claim: null })

  it('of its lease is over when that is', () => {
    expect([ofAgent(NOW).kind, ofAgent(NOW + 1).kind]).toEqual(['end', 'fresh'])
  })

  it('of a stock worker goes on whatever its lease says', () => {
    expect(judge(heldIn('RUNNING', by('client', at(5000))))).toEqual({ kind: 'renew', seconds: Infinity })
  })

  it('of a cancel by hand is over five minutes after it', () => {
    const judged = (seconds: number) => judge(unclaimed('CANCELLING'), {}, at(seconds)).kind
    expect([judged(CLIENT_CANCEL_SECONDS - 1), judged(CLIENT_CANCEL_SECONDS)]).toEqual(['fresh', 'end'])
    expect(judge(unclaimed('RUNNING'))).toEqual({ kind: 'gone' })
  })

  it('of its limit is out of time at it', () => {
    const timed = heldIn('RUNNING', aClaim(), { timeoutSeconds: 60, state: newState('RUNNING', T0) })
    const judged = (seconds: number) => judge(timed, { described: live }, at(seconds)).kind
    expect([judged(59.9), judged(60)]).toEqual(['apply', 'stop'])
    const pending = { ...timed, state: newState('PENDING', T0) }
    expect(judge(pending, { described: live }).kind).toBe('apply')
  })

  it('of its lease a task must have started, which one that was seen to start has', () => {
    const pending = (leaseUntil: number) => heldIn('PENDING', aClaim({ leaseUntil }))
    const judged = (leaseUntil: number, task = aTask()) => judge(pending(leaseUntil), { described: task }).kind
    expect([judged(NOW), judged(NOW + 1)]).toEqual(['stop', 'apply'])
    expect(judged(NOW, aTask({ lastStatus: 'DEPROVISIONING', startedAt: T0 }))).toBe('apply')
    expect(judged(NOW, aTask({ lastStatus: 'RUNNING', startedAt: null }))).toBe('apply')
  })

  it('of its pause has failed at the end of it, and only a pause ends so', () => {
    const state = newState('PAUSED', T0, { details: { pauseTimeout: NOW } })
    const paused = heldIn('PAUSED', aClaim(), { state })
    expect(judge(paused)).toMatchObject({ kind: 'end', state: { type: 'FAILED' }, taskArn: TASK_ARN })
    expect(judge({ ...paused, launch: null })).toMatchObject({ kind: 'end', taskArn: undefined })
    expect(judge({ ...paused, claim: null })).toEqual({ kind: 'gone' })
    const running = heldIn('RUNNING', aClaim(), { state: { ...state, type: 'RUNNING' } })
    expect(judge(running, { described: live }).kind).toBe('apply')
  })
})

describe('a dispatched run with a task that ECS knows', () => {
  const short = { timeoutSeconds: 60, state: newState('RUNNING', T0) }
  it.each([
    ['runs on', heldIn('RUNNING'), live, { kind: 'apply', record: false, renew: EVIDENCE_SECONDS }],
    ['has ended', heldIn('RUNNING'), anExit(0), { kind: 'apply', record: false, renew: null }],
    [
      'is out of time',
      runIn('RUNNING', short),
      live,
      { kind: 'stop', reason: 'Stopped after its limit of 60 seconds.' },
    ],
    ['is being cancelled', heldIn('CANCELLING'), live, { kind: 'stop', reason: 'The flow run was cancelled.' }],
    ['did not start', heldIn('PENDING'), aTask(), { kind: 'stop', reason: 'The task did not start in time.' }],
    ['starts late, but in time', heldIn('PENDING', aClaim({ leaseUntil: at(1001) })), aTask(), { kind: 'apply' }],
  ])('that %s', (_what, run, described, verdict) => {
    expect(judge(run, { described })).toMatchObject(verdict)
  })
})

describe('a dispatched run without a task on record', () => {
  const cancelling = unlaunched(heldIn('CANCELLING'))
  const pending = unlaunched(heldIn('PENDING'))
  it.each([
    ['takes the live one of its tasks', pending, { started: [anExit(1), live] }, 1000, { kind: 'apply', task: live }],
    ['takes one that ended', pending, { started: [anExit(1)] }, 1000, { kind: 'apply', record: true, renew: null }],
    ['is launched again under its token', pending, {}, TOKEN_TRUST_SECONDS, { kind: 'relaunch' }],
    ['waits again when the token is too old', pending, {}, TOKEN_TRUST_SECONDS + 1, { kind: 'requeue' }],
    ['waits for a launch in progress', cancelling, {}, LAUNCH_GRACE_SECONDS, { seconds: CANCEL_CHECK_SECONDS }],
    ['is cancelled when there was none', cancelling, {}, LAUNCH_GRACE_SECONDS + 1, { state: { type: 'CANCELLED' } }],
    ['is not launched again once it has reported', unlaunched(heldIn('RUNNING')), {}, 1000, { kind: 'renew' }],
  ])('%s', (_what, run, evidence, ageSeconds, verdict) => {
    expect(judge(run, evidence, addSeconds(T0, ageSeconds))).toMatchObject(verdict)
  })
})

describe('a dispatched run whose task ECS does not know', () => {
  const silent = (type: 'RUNNING' | 'CANCELLING', seconds: number) => judge(heldIn(type), {}, addSeconds(T0, seconds))
  it('is still held while ECS would still show the task', () => {
    const verdict = { kind: 'renew', seconds: CANCEL_CHECK_SECONDS }
    expect(silent('RUNNING', STOPPED_VISIBLE_SECONDS - 1)).toEqual(verdict)
    expect(silent('CANCELLING', STOPPED_VISIBLE_SECONDS - 1)).toEqual(verdict)
  })
  it('ends after that, CANCELLED if it was being cancelled', () => {
    expect(silent('RUNNING', STOPPED_VISIBLE_SECONDS)).toMatchObject({ kind: 'end', state: { type: 'CRASHED' } })
    expect(silent('CANCELLING', STOPPED_VISIBLE_SECONDS)).toMatchObject({ kind: 'end', state: { type: 'CANCELLED' } })
  })
  it('counts from its start, or from its claim before that', () => {
    const started = heldIn('RUNNING', aClaim({ at: T0 }), { startTime: at(600) })
    expect(judge(started, {}, at(STOPPED_VISIBLE_SECONDS)).kind).toBe('renew')
    const claimed = heldIn('PENDING', aClaim({ at: at(600) }), { startTime: null })
    expect(judge(claimed, {}, at(STOPPED_VISIBLE_SECONDS)).kind).toBe('renew')
    const end = judge(claimed, {}, at(STOPPED_VISIBLE_SECONDS + 600))
    expect(end).toMatchObject({ kind: 'end', state: { message: 'ECS no longer has the task of this run.' } })
  })

  it('applies another task of its claim without recording it', () => {
    expect(judge(heldIn('RUNNING'), { started: [live] })).toEqual({
      kind: 'apply',
      task: live,
      record: false,
      renew: null,
    })
  })
})

describe('a paused run that keeps its process', () => {
  const paused = (pauseTimeout?: number, claim = aClaim()) =>
    heldIn('PAUSED', claim, { state: newState('PAUSED', T0, { details: { pauseTimeout } }) })
  const NEVER_RESUMED = { kind: 'end', state: { type: 'FAILED', message: 'The flow was paused and never resumed.' } }
  it.each([
    [
      'fails when it was not resumed in time, and its task is stopped',
      { ...NEVER_RESUMED, taskArn: TASK_ARN },
      paused(at(999)),
      {},
    ],
    ['fails then, whether or not ECS answers', NEVER_RESUMED, paused(at(999)), { unavailable: true }],
    ['fails then in the hands of a stock worker', NEVER_RESUMED, paused(at(999), by('client')), {}],
    [
      'waits on while its task lives',
      { kind: 'apply', renew: PAUSE_LEASE_SECONDS },
      paused(at(5000)),
      { described: live },
    ],
    ['ends when its task has stopped', { kind: 'apply', renew: null }, paused(), { described: anExit(1) }],
    [
      'of a stock worker waits on',
      { kind: 'renew', seconds: PAUSE_LEASE_SECONDS },
      paused(undefined, by('client')),
      {},
    ],
  ])('%s', (_what, verdict, run, evidence) => {
    expect(judge(run, evidence)).toMatchObject(verdict)
  })
})

describe('a dispatched run of which ECS says nothing', () => {
  const timed = heldIn('RUNNING', aClaim(), { timeoutSeconds: 60, state: newState('RUNNING', T0) })
  const stop = { kind: 'stop', taskArn: TASK_ARN, unseen: true }
  it.each([
    ['is looked at later', heldIn('RUNNING'), { kind: 'postpone' }],
    ['is stopped when it is out of time', timed, { ...stop, reason: 'Stopped after its limit of 60 seconds.' }],
    ['is stopped when it is being cancelled', heldIn('CANCELLING'), { ...stop, reason: 'The flow run was cancelled.' }],
    ['without a task on record is looked at later', unlaunched(heldIn('PENDING')), { kind: 'postpone' }],
  ])('%s', (_what, run, verdict) => {
    expect(judge(run, { unavailable: true })).toMatchObject(verdict)
  })
})

describe('a launch that ECS does not answer', () => {
  const unanswered = (generations: number, last = 1) =>
    judge({ ...unlaunched(heldIn('PENDING')), unanswered: { calls: 9, generations, last } })
  it('goes back to wait, with the reason, and crashes the run the third time in a row', () => {
    expect(unanswered(2)).toEqual({ kind: 'requeue', reason: 'ECS did not answer its launch' })
    const message = 'ECS never answered the launch of this run: 9 calls in 3 generations.'
    expect(unanswered(3)).toMatchObject({ kind: 'end', state: { type: 'CRASHED', message } })
  })
  it('is not held against a generation whose launch was never tried', () => {
    expect(unanswered(3, 0)).toEqual({ kind: 'requeue', reason: 'Its launch was lost' })
  })
})
