import { describe, expect, it } from 'vitest'
import {
  activeAt,
  type GlobalLimit,
  globalLimitId,
  retryAfterSeconds,
  tagLimitName,
  tagOf,
} from '#shared/limit/global-limit.ts'
import { at, T0 } from '../support/fixtures/a-run.ts'

const aLimit = (overrides: Partial<GlobalLimit> = {}): GlobalLimit => ({
  id: globalLimitId('db'),
  name: 'db',
  limit: 4,
  inForce: true,
  decayPerSecond: 0,
  active: 4,
  countedAt: T0,
  loose: 0,
  leased: 0,
  heldSeconds: 0,
  releases: 0,
  moves: 0,
  created: T0,
  updated: T0,
  ...overrides,
})

describe('slots in use', () => {
  it('stay the same without a decay', () => expect(activeAt(aLimit(), at(1000))).toBe(4))

  it.each([
    { seconds: 0, left: 4 },
    { seconds: 3, left: 2.5 },
    { seconds: 8, left: 0 },
    { seconds: 99, left: 0 },
    { seconds: -5, left: 4 },
  ])('are $left after $seconds s at half a slot a second', ({ seconds, left }) => {
    expect(activeAt(aLimit({ decayPerSecond: 0.5 }), at(seconds))).toBe(left)
  })
})

describe('the delay before a retry', () => {
  const middle = 0.5
  it('is until enough has decayed', () => {
    expect(retryAfterSeconds([aLimit({ decayPerSecond: 0.5 })], 2, T0, middle)).toBeCloseTo(4)
  })

  it('is until a slot should be released, by their average occupancy', () => {
    const busy = aLimit({ heldSeconds: 80, releases: 10 })
    expect(retryAfterSeconds([busy], 1, T0, middle)).toBeCloseTo(2)
    expect(retryAfterSeconds([aLimit()], 1, T0, middle)).toBeCloseTo(0.5)
  })

  it('is never long, whatever the limits, and has jitter', () => {
    const slow = aLimit({ heldSeconds: 1e6, releases: 1 })
    expect(retryAfterSeconds([slow, aLimit()], 1, T0, middle)).toBeCloseTo(30)
    const waits = [0, 0.25, 0.999].map((chance) => retryAfterSeconds([aLimit()], 1, T0, chance))
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
    expect(new Set(waits).size).toBe(3)
  })
})

it('recognizes limits on tags by their names', () => {
  expect(tagOf({ name: tagLimitName('db') })).toBe('db')
  expect(tagOf({ name: 'db' })).toBeUndefined()
})
