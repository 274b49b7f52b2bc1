import { describe, expect, it } from 'vitest'
import { deploymentLimit, type Limit, poolLimit, queueLimit, unlimited } from '#shared/limit/limit.ts'
import type { Candidate } from '#shared/work-pool/dispatch-plan.ts'
import { findObstacles, type PoolPicture } from '#shared/work-pool/find-obstacles.ts'

const NOW = 1_000

function waiting(runId: string, due: number): Candidate {
  return { runId, life: 'life', generation: 0, deploymentId: null, due, line: 'queue' }
}

/** A pool with one slot, and two queues. */
function picture(first: Candidate[], second: Candidate[]): PoolPicture {
  const pool = { ...unlimited(poolLimit('p')), limit: 1, available: 1 }
  const limits = [pool, unlimited(queueLimit('first')), unlimited(queueLimit('second'))]
  const queues = [
    { queueId: 'first', candidates: first },
    { queueId: 'second', candidates: second },
  ]
  return { poolId: 'p', queues, limits: new Map(limits.map((limit) => [limit.key, limit])), now: NOW }
}

it('counts those ahead that are due, and none that is looked at beside it before its time', () => {
  const due = picture([waiting('a', NOW)], [waiting('b', NOW)])
  expect(findObstacles(due, 'b')).toEqual([{ reason: 'behind_others', limit: 'pool#p', ahead: 1 }])
  const early = picture([waiting('a', NOW + 1)], [waiting('b', NOW)])
  expect(findObstacles(early, 'b')).toEqual([])
})

it('counts none that comes after it, in its own queue or another', () => {
  const some = picture([waiting('a', NOW), waiting('b', NOW), waiting('c', NOW)], [waiting('d', NOW)])
  expect(findObstacles(some, 'a')).toEqual([])
  expect(findObstacles(some, 'b')).toEqual([{ reason: 'behind_others', limit: 'pool#p', ahead: 1 }])
  expect(findObstacles(some, 'd')).toEqual([{ reason: 'behind_others', limit: 'pool#p', ahead: 3 }])
})

it('finds nothing in the way of a run that starts with others, or that is not there', () => {
  const some = picture([waiting('a', NOW)], [waiting('b', NOW)])
  const roomy = new Map(some.limits).set('pool#p', unlimited('pool#p'))
  expect(findObstacles({ ...some, limits: roomy }, 'b')).toEqual([])
  expect(findObstacles(some, 'none')).toEqual([])
})

describe('what has to be out of the way', () => {
  const d = deploymentLimit('d')
  const closed: [string, Partial<Limit>, string[]][] = [
    ['is being deleted', { deleting: true }, ['deleting']],
    ['is paused', { paused: true }, ['paused']],
    ['counts its holders', { paused: true, countingSince: NOW }, ['counting']],
    ['is full', { limit: 1, active: 1, available: 0 }, ['full']],
    ['is all of that', { deleting: true, paused: true, limit: 1, available: 0 }, ['deleting', 'paused', 'full']],
  ]
  it.each(closed)('is each state of a limit that %s, and of no other limit', (_what, state, reasons) => {
    for (const key of [queueLimit('second'), d]) {
      const run = { ...waiting('b', NOW), deploymentId: 'd' }
      const some = picture([], [run])
      const limits = new Map(some.limits).set(d, unlimited(d)).set(key, { ...unlimited(key), ...state })
      const found = findObstacles({ ...some, limits }, 'b')
      expect(found).toEqual(reasons.map((reason) => ({ reason, limit: key, ahead: 0 })))
    }
  })

  it('is every limit together', () => {
    const run = { ...waiting('b', NOW), deploymentId: 'd' }
    const some = picture([{ ...waiting('a', NOW), deploymentId: 'd' }], [run])
    const limits = new Map(some.limits).set(d, { ...unlimited(d), limit: 1, available: 1 })
    limits.delete(queueLimit('second'))
    expect(findObstacles({ ...some, limits }, 'b')).toEqual([
      { reason: 'behind_others', limit: 'pool#p', ahead: 1 },
      { reason: 'missing', limit: 'queue#second', ahead: 0 },
      { reason: 'behind_others', limit: d, ahead: 1 },
    ])
  })
})

it('takes the run itself as if it were due', () => {
  const later = picture([waiting('a', NOW)], [waiting('b', NOW + 1)])
  expect(findObstacles(later, 'b')).toEqual([{ reason: 'behind_others', limit: 'pool#p', ahead: 1 }])
})
