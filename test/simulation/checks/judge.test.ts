import { describe, expect, it } from 'vitest'
import { aClaim, at, DEPLOYMENT_ID, POOL_ID, QUEUE_ID, runIn } from '../../support/fixtures/a-run.ts'
import { compareTurns, hasTwin, mayStart, roomOf, runsAhead, startable } from './judge.ts'
import { aLimitItem, momentWith, OTHER_QUEUE_ID, waitingRun } from './small-world.ts'

const run = waitingRun(1)
const pool = `pool#${POOL_ID}` as const
const deployment = `deployment#${DEPLOYMENT_ID}` as const

describe('a run', () => {
  it.each([
    ['its pool has no room', [aLimitItem(pool, { limit: 1, active: 1 })]],
    ['its queue is paused', [aLimitItem(`queue#${QUEUE_ID}`, { paused: true })]],
    ["its deployment's limit is full", [aLimitItem(deployment, { limit: 0 })]],
    ['its pool is being deleted', [aLimitItem(pool, { deleting: true })]],
  ])('may not start while %s', (_, limits) => {
    expect(mayStart(run, momentWith([run], limits))).toBe(false)
    expect(mayStart(run, momentWith([run]))).toBe(true)
  })

  it.each([
    ['it is not due', { nextScheduledStartTime: at(60) }],
    ['it is held', { claim: aClaim() }],
    ['its queue is gone', { queueId: '66666666-6666-5666-8666-666666666666' }],
    ['its deployment is gone', { deploymentId: '77777777-7777-5777-8777-777777777777' }],
  ])('may not start while %s', (_, rest) => {
    const other = waitingRun(2, rest)
    expect(mayStart(other, momentWith([other]))).toBe(false)
  })
})

it('finds what the dispatcher must not leave waiting in push pools alone', () => {
  expect(startable(momentWith([run, runIn('RUNNING', { id: waitingRun(2).id })]))).toEqual([run])
  expect(startable(momentWith([run], [], { push: false }))).toEqual([])
})

it('orders runs by their queue, and then by when they are due', () => {
  const { places } = momentWith([])
  const later = waitingRun(2, { nextScheduledStartTime: at(1) })
  const second = waitingRun(3, { queueId: OTHER_QUEUE_ID, nextScheduledStartTime: at(-60) })
  expect([second, later, run].toSorted((a, b) => compareTurns(a, b, places))).toEqual([run, later, second])
  expect(hasTwin(run, momentWith([run, later]))).toBe(false)
  expect(hasTwin(run, momentWith([run, waitingRun(4)]))).toBe(true)
})

it('counts those that go first, as far as there is room for them', () => {
  const first = waitingRun(2, { nextScheduledStartTime: at(-2) })
  const kept = waitingRun(3, { nextScheduledStartTime: at(-1) })
  const limits = [aLimitItem(pool, { limit: 5 }), aLimitItem(deployment, { limit: 1 })]
  const moment = momentWith([run, first, kept], limits)
  const room = (key: string) => roomOf(limits.find((limit) => limit.key === key) ?? aLimitItem(pool))
  expect(runsAhead(run, room, moment)).toEqual(
    new Map([
      [pool, 1],
      [`queue#${QUEUE_ID}`, 1],
      [deployment, 1],
    ]),
  )
})
