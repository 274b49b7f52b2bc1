import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchLoop } from '../../../agent/claim/watch-loop.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('a loop of calls is stuck once none has ended for more than ten minutes', () => {
  const loop = { rounds: 0 }
  let stuck = 0
  watchLoop(loop, () => {
    stuck += 1
  })
  for (let minute = 0; minute < 60; minute += 1) {
    loop.rounds += 1
    vi.advanceTimersByTime(60_000)
  }
  expect(stuck).toBe(0)
  vi.advanceTimersByTime(10 * 60_000)
  expect(stuck).toBe(0)
  vi.advanceTimersByTime(3 * 60_000)
  expect(stuck).toBe(1)
})

it('a loop that is not watched any more is never stuck', () => {
  let stuck = 0
  watchLoop({ rounds: 0 }, () => {
    stuck += 1
  }).close()
  vi.advanceTimersByTime(3_600_000)
  expect(stuck).toBe(0)
})
