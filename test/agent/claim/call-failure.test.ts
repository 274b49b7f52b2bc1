import { expect, it } from 'vitest'
import { ApiError, ConnectionError } from '#shared/client/errors.ts'
import { callFailureOf, isOutcomeUnknown } from '../../../agent/claim/call-failure.ts'

const answered = (status: number, code = 'unknown') => new ApiError('no', { status, code, transient: status >= 502 })
const unheard = (outcomeUnknown: boolean) => new ConnectionError('no', { cause: undefined, outcomeUnknown })

it.each([
  [answered(409, 'session_lost'), 'session_lost'],
  [answered(409, 'session_taken'), 'session_taken'],
  [answered(409, 'conflict'), 'passing'],
  [answered(401), 'key_refused'],
  [answered(403), 'key_refused'],
  [answered(404, 'not_found'), 'pool_not_found'],
  [answered(404, 'no_route'), 'passing'],
  [answered(422, 'invalid'), 'rejected'],
  [answered(429), 'passing'],
  [answered(500), 'passing'],
  [answered(503, 'unavailable'), 'passing'],
  [answered(302), 'passing'],
  [answered(200, 'unreadable_reply'), 'passing'],
  [unheard(true), 'passing'],
  [new TypeError('a bug'), 'rejected'],
])('%s %j means %s', (error, failure) => {
  expect(callFailureOf(error)).toBe(failure)
})

it('a call may have been carried out where its answer is missing, and not where it was refused', () => {
  expect([answered(503), answered(401), unheard(true), unheard(false)].map(isOutcomeUnknown)).toEqual([
    true,
    false,
    true,
    false,
  ])
})
