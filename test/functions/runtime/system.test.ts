import { expect, it } from 'vitest'
import { isUuid } from '#shared/ids.ts'
import { createClock, systemClock, systemIds } from '../../../functions/runtime/system.ts'

it('the clock has microseconds, and never returns the same or an earlier instant', () => {
  const source = { wall: 1_000, monotonic: 50.25 }
  const clock = createClock({ wallMs: () => source.wall, monotonicMs: () => source.monotonic })
  const at = (wall: number, monotonic: number) => {
    Object.assign(source, { wall, monotonic })
    return clock.now()
  }
  expect(at(1_000, 50.25)).toBe(1_000_000)
  expect(at(1_000, 50.5)).toBe(1_000_250)
  expect(at(1_000, 50.5)).toBe(1_000_251)
  // While the wall clock lags, instants stay within its millisecond.
  expect(at(1_000, 53)).toBe(1_000_999)
  expect(at(1_001, 53.1)).toBe(1_001_000)
  // Set back by a second.
  expect(at(1, 54)).toBe(1_001_001)
  expect(at(1_002, 55.5)).toBe(1_002_000)
})

it('the system clock does the same', () => {
  const instants = Array.from({ length: 10_000 }, () => systemClock.now())
  expect(instants.every((instant, index) => index === 0 || instant > (instants[index - 1] ?? 0))).toBe(true)
  expect(Math.abs((instants.at(-1) ?? 0) / 1_000 - Date.now())).toBeLessThan(1_000)
})

it('ids are time-ordered UUIDs, tokens differ, and chance stays below 1', () => {
  expect(isUuid(systemIds.uuid())).toBe(true)
  expect(systemIds.token()).not.toBe(systemIds.token())
  const chances = Array.from({ length: 100 }, () => systemIds.random())
  expect(chances.every((chance) => chance >= 0 && chance < 1)).toBe(true)
})
