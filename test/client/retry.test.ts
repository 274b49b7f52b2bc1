import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ApiError, ConnectionError } from '#shared/client/errors.ts'
import { retryPolicyOf, waitBeforeNextTry } from '#shared/client/retry.ts'

const policy = retryPolicyOf()
const first = { repeatable: true, tries: 1, elapsedMs: 0, chance: 1 }
const busy = (retryAfterSeconds?: number) =>
  new ApiError('Busy.', { status: 503, code: 'unavailable', transient: true, retryAfterSeconds })

it('backs off exponentially up to a bound, with jitter', () => {
  const waits = [1, 2, 3].map((tries) => waitBeforeNextTry(policy, { ...first, failure: busy(), tries }))
  expect(waits).toEqual([200, 400, 800])
  const many = retryPolicyOf({ triesMax: 20 })
  expect(waitBeforeNextTry(many, { ...first, failure: busy(), tries: 15 })).toBe(5_000)
  expect(waitBeforeNextTry(policy, { ...first, failure: busy(), chance: 0.25 })).toBe(50)
})

it('never retries before Retry-After, and not at all if that is too late', () => {
  expect(waitBeforeNextTry(policy, { ...first, failure: busy(7), chance: 0 })).toBe(7_000)
  expect(waitBeforeNextTry(policy, { ...first, failure: busy(61) })).toBeUndefined()
  expect(waitBeforeNextTry(policy, { ...first, failure: busy(7), elapsedMs: 55_000 })).toBeUndefined()
})

it('repeats what may have been carried out only if that is safe', () => {
  const lost = new ConnectionError('No answer.', { cause: undefined, outcomeUnknown: true })
  const unsent = new ConnectionError('Nothing listens.', { cause: undefined, outcomeUnknown: false })
  const throttled = new ApiError('Too many.', { status: 429, code: 'throttled', transient: true })
  const waits = (failure: ApiError | ConnectionError) =>
    [true, false].map((repeatable) => waitBeforeNextTry(policy, { ...first, failure, repeatable }) !== undefined)
  expect(waits(lost)).toEqual([true, false])
  expect(waits(busy())).toEqual([true, false])
  expect(waits(unsent)).toEqual([true, true])
  expect(waits(throttled)).toEqual([true, true])
  expect(waits(new ApiError('Broken.', { status: 500, code: 'internal' }))).toEqual([false, false])
})

it('bounds tries in number and time, whatever fails', () => {
  const failures = fc.record({
    status: fc.constantFrom(429, 500, 502, 503, 504),
    retryAfterSeconds: fc.option(fc.nat(100), { nil: undefined }),
    chance: fc.double({ min: 0, max: 1, noNaN: true }),
    tookMs: fc.nat(40_000),
  })
  fc.assert(
    fc.property(fc.array(failures, { minLength: policy.triesMax }), (all) => {
      let elapsedMs = 0
      let tries = 1
      for (const { status, retryAfterSeconds, chance, tookMs } of all) {
        elapsedMs += tookMs
        const failure = new ApiError('Failed.', { status, code: 'x', transient: true, retryAfterSeconds })
        const waitMs = waitBeforeNextTry(policy, { failure, repeatable: true, tries, elapsedMs, chance })
        if (waitMs === undefined) return
        elapsedMs += waitMs
        tries += 1
        expect(elapsedMs).toBeLessThanOrEqual(policy.withinMs)
        expect(tries).toBeLessThanOrEqual(policy.triesMax)
      }
      expect.unreachable()
    }),
  )
})
