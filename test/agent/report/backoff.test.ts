import { expect, it } from 'vitest'
import { backoffSeconds } from '../../../agent/report/backoff.ts'

it('waits double from the first to the longest, and half of each is chance', () => {
  const bounds = { first: 0.5, max: 30 }
  expect([1, 2, 3, 8, 1_000].map((failures) => backoffSeconds(failures, bounds, 1))).toEqual([0.5, 1, 2, 30, 30])
  expect(backoffSeconds(3, bounds, 0)).toBe(1)
})
