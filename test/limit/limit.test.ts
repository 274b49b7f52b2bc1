import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  availableOf,
  CONCURRENCY_LIMIT_MAX,
  deploymentLimit,
  type Limit,
  poolLimit,
  queueLimit,
  refusalOf,
  UNLIMITED,
} from '#shared/limit/limit.ts'
import { counterexample } from '../support/faults/counterexample.ts'
import { aLimit } from '../support/fixtures/a-limit.ts'

it.each([
  [5, 0, 5],
  [5, 5, 0],
  // Lowered while runs are held: negative until enough of them have ended.
  [2, 5, -3],
  [0, 0, 0],
  [null, 0, UNLIMITED],
  [null, 7, UNLIMITED - 7],
])('a limit of %s with %i holders has %i slots left', (limit, active, available) => {
  expect(availableOf(limit, active)).toBe(available)
})

it('no number of holders exhausts an unlimited limit, and all figures stay exact', () => {
  expect(availableOf(null, CONCURRENCY_LIMIT_MAX)).toBeGreaterThan(CONCURRENCY_LIMIT_MAX)
  expect(Number.isSafeInteger(UNLIMITED + CONCURRENCY_LIMIT_MAX)).toBe(true)
  const count = fc.integer({ min: 0, max: CONCURRENCY_LIMIT_MAX })
  const property = fc.property(fc.option(count), count, (limit, active) => {
    return availableOf(limit, active) + active === (limit ?? UNLIMITED)
  })
  expect(counterexample(property)).toBeUndefined()
})

const REFUSALS: [Partial<Limit>, string | null][] = [
  [{ available: 1 }, null],
  [{ available: 0 }, 'full'],
  [{ available: -3 }, 'full'],
  [{ available: 1, paused: true }, 'paused'],
  [{ available: 0, paused: true }, 'paused'],
  [{ available: 1, paused: true, countingSince: 1 }, 'counting'],
  [{ available: 1, paused: false, countingSince: 1 }, null],
  [{ available: 1, deleting: true }, 'deleting'],
  [{ available: 0, paused: true, deleting: true }, 'deleting'],
]
it.each(REFUSALS)('a limit with %o refuses another run: %s', (overrides, refusal) => {
  expect(refusalOf(aLimit('pool#p', 5, overrides))).toBe(refusal)
})

it('limits of different subjects never share a key', () => {
  const keys = [poolLimit('x'), queueLimit('x'), deploymentLimit('x')]
  expect(new Set(keys).size).toBe(keys.length)
})
