import { expect, it } from 'vitest'
import { TimeMarks } from '../../../agent/report/time-marks.ts'

it('output has the time at which it was seen first', () => {
  const marks = new TimeMarks()
  marks.add(10, 1_000)
  marks.add(10, 2_000)
  marks.add(30, 3_000)
  expect([1, 10, 11, 30, 31].map((bytes) => marks.timeOf(bytes))).toEqual([1_000, 1_000, 3_000, 3_000, undefined])
  marks.forget(11)
  expect([1, 30].map((bytes) => marks.timeOf(bytes))).toEqual([3_000, 3_000])
})

it('output of days has its times within bounds, in order', () => {
  const marks = new TimeMarks()
  for (let at = 1; at <= 20_000; at += 1) marks.add(at, at)
  const times = Array.from({ length: 20_000 }, (_, at) => marks.timeOf(at + 1) ?? 0)
  expect(times.every((time, at) => time >= at + 1 && time - at < 1_000)).toBe(true)
})
