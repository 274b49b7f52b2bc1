import { describe, expect, it } from 'vitest'
import { advance } from '#shared/flow-run/advance.ts'
import { consequencesOf } from '#shared/flow-run/consequences.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState, type State, type StateType } from '#shared/flow-run/state.ts'
import { deploymentLimit, poolLimit } from '#shared/limit/limit.ts'
import { aClaim, aRun, at, POOL_ID, runIn, TASK_ARN } from '../support/fixtures/a-run.ts'

const NOW = at(1)
const enter = (before: FlowRun, state: State) => consequencesOf(before, advance(before, state), NOW)
const become = (before: FlowRun, type: StateType, message?: string) => enter(before, newState(type, NOW, { message }))

describe('the wake-up', () => {
  it('is immediate when slots are released', () => {
    const wake = { poolId: POOL_ID, reason: 'released', delaySeconds: 0 }
    expect(become(runIn('RUNNING'), 'COMPLETED').wake).toEqual(wake)
    expect(become(runIn('PENDING'), 'SCHEDULED').wake).toEqual(wake)
  })

  it('is not sent for what a worker gave back, nor for an end that freed nothing, and goes to the pool that it was in', () => {
    const byWorker = runIn('RUNNING', { claim: aClaim({ by: { kind: 'client', name: null } }), job: null })
    expect(become(byWorker, 'COMPLETED').wake).toBeNull()
    const running = runIn('RUNNING')
    const moved = { ...advance(running, newState('COMPLETED', NOW)), poolId: null }
    expect(consequencesOf(running, moved, NOW).wake).toMatchObject({ poolId: POOL_ID })
    const elsewhere = { ...moved, poolId: 'another' }
    expect(consequencesOf(running, elsewhere, NOW).wake).toMatchObject({ poolId: 'another' })
  })

  it('is sent to a push pool for what a client gave back there, if runs wait, or that one will soon', () => {
    const byClient = runIn('RUNNING', { claim: aClaim({ by: { kind: 'client', name: null } }), job: 'flow' })
    const released = { poolId: POOL_ID, reason: 'released', delaySeconds: 0 }
    expect(become(byClient, 'COMPLETED').wake).toEqual({ ...released, ifSomeWait: true })
    const later = (seconds: number) => newState('SCHEDULED', NOW, { details: { scheduledTime: at(1 + seconds) } })
    expect(enter(byClient, later(60)).wake).toEqual(released)
    expect(enter(byClient, later(3600)).wake).toEqual({ ...released, ifSomeWait: true })
    expect(become(byClient, 'PAUSED').wake).toBeNull()
  })

  it('is not sent while the slots stay held', () => {
    expect(become(runIn('RUNNING'), 'CANCELLING').wake).toBeNull()
    expect(become(runIn('RUNNING'), 'PAUSED').wake).toBeNull()
    const before = runIn('RUNNING')
    const retrying = advance(before, newState('SCHEDULED', NOW), { retryType: 'in_process' })
    expect(consequencesOf(before, retrying, NOW).wake).toBeNull()
  })

  const DUES: [number, number | null][] = [
    [-60, 0],
    [0, 0],
    [0.2, 1],
    [37, 37],
    [89.5, 90],
    [90, 90],
    [90.000001, null],
    [3600, null],
  ]
  it.each(DUES)('for a run due in %d s is delayed by %s s', (seconds, delaySeconds) => {
    const state = newState('SCHEDULED', NOW, { details: { scheduledTime: at(1 + seconds) } })
    const run = aRun({ state })
    const expected = delaySeconds === null ? null : { poolId: POOL_ID, reason: 'due', delaySeconds }
    expect(consequencesOf(run, run, NOW).wake).toEqual(expected)
  })

  it('is not sent for a run that is parked, not waiting, or without a pool', () => {
    const parked = aRun({ blockedBy: 'deployment#d' })
    expect(consequencesOf(parked, parked, NOW).wake).toBeNull()
    expect(become(aRun(), 'CANCELLED').wake).toBeNull()
    const byHand = aRun({ poolId: null, queueId: null })
    expect(consequencesOf(byHand, byHand, NOW).wake).toBeNull()
  })
})

it("a released slot makes room for the deployment's parked runs; none are parked under pools", () => {
  const deployment = deploymentLimit('d')
  const run = runIn('RUNNING', { claim: aClaim({ slots: [poolLimit(POOL_ID), deployment] }) })
  expect(become(run, 'COMPLETED').roomIn).toEqual([deployment])
  expect(become(run, 'CANCELLING').roomIn).toEqual([])
})

describe('the ECS task', () => {
  const STOPS: [StateType, FlowRun, StateType, string | undefined, string | null][] = [
    ['RUNNING', runIn('RUNNING'), 'CANCELLING', 'enough', 'enough'],
    ['RUNNING', runIn('RUNNING'), 'CANCELLING', undefined, 'The flow run was cancelled.'],
    ['RUNNING', runIn('RUNNING'), 'CANCELLED', undefined, 'The flow run was cancelled.'],
    ['CANCELLING', runIn('CANCELLING'), 'CANCELLED', undefined, null],
    ['RUNNING', runIn('RUNNING'), 'SCHEDULED', undefined, 'The flow run was scheduled again.'],
    ['RUNNING', runIn('RUNNING'), 'COMPLETED', undefined, null],
    ['RUNNING', runIn('RUNNING'), 'PAUSED', undefined, null],
    ['FAILED', runIn('FAILED'), 'SCHEDULED', undefined, null],
    ['PENDING', runIn('PENDING', { launch: null }), 'CANCELLING', undefined, null],
    ['PENDING', runIn('PENDING', { launch: null }), 'SCHEDULED', undefined, null],
  ]
  it.each(STOPS)('of a %s run (%o) that becomes %s (%s) is stopped: %s', (_from, run, type, message, reason) => {
    expect(become(run, type, message).stop).toEqual(reason === null ? null : { taskArn: TASK_ARN, reason })
  })

  it('of a suspended run ends by itself', () => {
    const suspended = newState('PAUSED', NOW, { details: { pauseReschedule: true } })
    expect(enter(runIn('RUNNING'), suspended)).toMatchObject({ stop: null, wake: { reason: 'released' } })
  })
})
