import { expect, it } from 'vitest'
import { type Limit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { oldestReady } from '#shared/work-pool/oldest-ready.ts'
import { aLimit } from '../support/fixtures/a-limit.ts'

const NOW = 1_000
const LINES = [
  { queueId: 'a', due: 300 },
  { queueId: 'b', due: 200 },
  { queueId: 'later', due: NOW + 1 },
]

/** The due time of the oldest, with some limits changed; all others have free slots. */
function oldest(change: Partial<Record<LimitKey, Partial<Limit>>> = {}, lines = LINES) {
  const keys = [poolLimit('p'), ...['a', 'b', 'later'].map(queueLimit)]
  const limits = new Map(keys.map((key) => [key, aLimit(key, 1, change[key])]))
  return oldestReady('p', lines, limits, NOW)
}

it('is the run with the earliest due time, among those that are due', () => {
  expect(oldest()).toBe(200)
  expect(oldest({}, [{ queueId: 'a', due: NOW }])).toBe(NOW)
  expect(oldest({}, LINES.slice(2))).toBeUndefined()
  expect(oldest({}, [])).toBeUndefined()
})

it.each([{ paused: true }, { deleting: true }, { active: 1 }])('skips queues and pools with %j', (closed) => {
  expect(oldest({ [queueLimit('b')]: closed })).toBe(300)
  expect(oldest({ [queueLimit('a')]: closed, [queueLimit('b')]: closed })).toBeUndefined()
  expect(oldest({ [poolLimit('p')]: closed })).toBeUndefined()
})

it('skips deleted queues, whose runs are cancelled', () => {
  expect(oldest({}, [...LINES, { queueId: 'gone', due: 100 }])).toBe(200)
})
