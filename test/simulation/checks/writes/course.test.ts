import { describe, expect, it } from 'vitest'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState, type StateType } from '#shared/flow-run/state.ts'
import { type Origin, SERVICE } from '#shared/flow-run/writer.ts'
import { REACHED_WORDS } from '#shared/limit/refusal-words.ts'
import { aClaim, aRun, at, runIn } from '../../../support/fixtures/a-run.ts'
import { courseProblems } from './course.ts'
import { silenceProblems } from './silence.ts'
import { transitionProblems } from './transitions.ts'

const CLIENT: Origin = { kind: 'client', keyId: null }
const running = () => runIn('RUNNING', { claim: aClaim(), startTime: at(0), timeoutSeconds: 90 })
const to = (run: FlowRun, type: StateType, more: Parameters<typeof newState>[2] = {}, by = SERVICE) =>
  advance(run, newState(type, at(30), more), {}, by)

describe('the course of a run', () => {
  it('follows from its states', () => {
    const ended = to(running(), 'COMPLETED')
    expect(courseProblems(running(), ended)).toEqual([])
  })

  it.each<[string, Partial<FlowRun>]>([
    ['has a new expectedStartTime', { expectedStartTime: at(7) }],
    ['has the end null', { endTime: null }],
    ['is due at', { nextScheduledStartTime: at(9) }],
    ['has started at another time', { startTime: at(8) }],
    ['has run 7 times', { runCount: 7 }],
    ['has run for 5 s', { totalRunTimeSeconds: 5 }],
    ['waits for deployment#d', { blockedBy: 'deployment#d' }],
  ])('is wrong for a run that %s', (words, change) => {
    const ended = { ...to(running(), 'COMPLETED'), ...change }
    expect(courseProblems(running(), ended)).toEqual([expect.stringContaining(words)])
  })

  it('has each hold looked at in time', () => {
    const pending = runIn('PENDING', { claim: aClaim(), timeoutSeconds: 60 })
    const late = { ...to(pending, 'RUNNING'), claim: aClaim({ leaseUntil: at(900) }) }
    expect(courseProblems(pending, late)).toEqual([expect.stringContaining('is first looked at')])
  })
})

describe('a transition that nobody forced', () => {
  it.each<[string, FlowRun, FlowRun]>([
    ['pauses without being at work', aRun(), to(aRun(), 'PAUSED')],
    ['leaves a cancel behind', runIn('CANCELLING', { claim: aClaim() }), to(runIn('CANCELLING'), 'COMPLETED')],
    ['has failed in run 1 of 3', retrying(1), to(retrying(1), 'FAILED', {}, CLIENT)],
    ['runs before it is due', dueLater(), to(dueLater(), 'RUNNING')],
    ['is cancelled before its turn', dueLater(), to(dueLater(), 'CANCELLED', { message: REACHED_WORDS })],
    ['has time left', running(), to(running(), 'FAILED', { name: 'TimedOut' })],
  ])('%s', (words, before, after) => {
    expect(transitionProblems(before, after, 0)).toContainEqual(expect.stringContaining(words))
  })

  it('is none where the rules allow it', () => {
    expect(transitionProblems(running(), to(running(), 'COMPLETED', {}, CLIENT), 0)).toEqual([])
    expect(transitionProblems(retrying(3), to(retrying(3), 'FAILED', {}, CLIENT), 0)).toEqual([])
  })
})

function retrying(runCount: number): FlowRun {
  return { ...running(), runCount, policy: { ...running().policy, retries: 2 } }
}

function dueLater(): FlowRun {
  return aRun({
    state: newState('SCHEDULED', at(0), { details: { scheduledTime: at(90) } }),
    nextScheduledStartTime: at(90),
  })
}

it('finds a worker that was taken for silent soon after a call', () => {
  const crashed = to(running(), 'CRASHED', { message: 'The worker that held this run was silent for 2 minutes.' })
  const seconds = at(0) / 1_000_000
  expect(silenceProblems(running(), crashed, seconds)).toEqual([expect.stringContaining('after 30 s without a call')])
  expect(silenceProblems(running(), crashed, seconds - 300)).toEqual([])
})
