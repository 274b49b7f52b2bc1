import { expect, it } from 'vitest'
import { poolLimit, queueLimit, unlimited } from '#shared/limit/limit.ts'
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

it('takes the run itself as if it were due', () => {
  const later = picture([waiting('a', NOW)], [waiting('b', NOW + 1)])
  expect(findObstacles(later, 'b')).toEqual([{ reason: 'behind_others', limit: 'pool#p', ahead: 1 }])
})
