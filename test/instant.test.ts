import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSeconds, dayOf, formatInstant, NEVER, parseInstant, secondsBetween, sortable } from '#shared/instant.ts'
import { counterexample } from './support/faults/counterexample.ts'

const NOON = Date.UTC(2026, 7, 21, 16, 27, 33) * 1000

const READ: [string, number][] = [
  // str(datetime), isoformat, JavaScript, and the hand-written forms that Prefect's clients and users send.
  ['2026-08-21 16:27:33.123456+00:00', NOON + 123_456],
  ['2026-08-21T16:27:33.123456+00:00', NOON + 123_456],
  ['2026-08-21T16:27:33.123Z', NOON + 123_000],
  ['2026-08-21T16:27:33Z', NOON],
  ['2026-08-21T16:27:33z', NOON],
  ['2026-08-21T16:27:33', NOON],
  ['2026-08-21 16:27:33', NOON],
  ['2026-08-21T16:27:33 Z', NOON],
  ['  2026-08-21T16:27:33Z\n', NOON],
  ['2026-08-21T16:27Z', NOON - 33e6],
  ['2026-08-21', Date.UTC(2026, 7, 21) * 1000],
  // Offsets, in all their forms.
  ['2026-08-21T18:27:33+02:00', NOON],
  ['2026-08-21T18:27:33+0200', NOON],
  ['2026-08-21T18:27:33+02', NOON],
  ['2026-08-21T11:57:33-04:30', NOON],
  ['2026-08-22T16:26:33+23:59', NOON],
  ['2026-08-21T16:27:33-00:00', NOON],
  // Fractions of a second are cut to microseconds, never rounded up into the future.
  ['2026-08-21T16:27:33.1Z', NOON + 100_000],
  ['2026-08-21T16:27:33,5Z', NOON + 500_000],
  ['2026-08-21T16:27:33.000001Z', NOON + 1],
  ['2026-08-21T16:27:33.999999999Z', NOON + 999_999],
  // Leap days, and the ends of what is kept.
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29) * 1000],
  ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29) * 1000],
  ['1970-01-01T00:00:00Z', 0],
  ['2255-03-14T15:59:59.999999Z', NEVER - 1],
]
it.each(READ)('%j parses to %i', (text, instant) => {
  expect(parseInstant(text)).toBe(instant)
})

const REFUSED = [
  '',
  'tomorrow',
  '2026',
  '2026-08',
  '2026-02-29T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '2026-02-30',
  '2026-04-31',
  '2026-00-01',
  '2026-13-01',
  '2026-01-00',
  '2026-01-32',
  '2026-08-21T24:00:00Z',
  '2026-08-21T16:60:00Z',
  '2026-08-21T16:27:60Z',
  '2026-08-21T16Z',
  '2026-08-21T16:27:33.Z',
  '2026-08-21T16:27:33.1234567890Z',
  '2026-08-21T16:27:33+24:00',
  '2026-08-21T16:27:33+02:60',
  '2026-08-21T16:27:33+2',
  '2026-08-21T16:27:33Europe/Berlin',
  '2026-08-21X16:27:33Z',
  '2026-8-21T16:27:33Z',
  '+2026-08-21T16:27:33Z',
  '1969-12-31T23:59:59Z',
  '1970-01-01T00:00:00+01:00',
  '0000-01-01T00:00:00Z',
  '2255-03-14T16:00:00Z',
  '9999-12-31T23:59:59Z',
  '２０２６-08-21T16:27:33Z',
  '2026-08-21T16:27:33Z; DROP',
]
it.each(REFUSED)('%j is not an instant', (text) => {
  expect(parseInstant(text)).toBeUndefined()
})

describe('any instant', () => {
  const instant = fc.integer({ min: 0, max: NEVER - 1 })
  const holds = (rule: (one: number, other: number) => boolean) =>
    counterexample(fc.property(instant, instant, rule), 1000)

  it('survives formatting and parsing to the microsecond', () => {
    expect(holds((one) => parseInstant(formatInstant(one)) === one)).toBeUndefined()
  })

  it('means the same in every time zone', () => {
    const shifted = fc.property(instant, fc.integer({ min: -23, max: 23 }), fc.nat(59), (one, hours, minutes) => {
      const offset = (Math.abs(hours) * 60 + minutes) * 60e6 * (hours < 0 ? -1 : 1)
      const local = one + offset
      if (local < 0 || local >= NEVER) return true
      const zone = `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
      return parseInstant(formatInstant(local).replace('Z', zone)) === one
    })
    expect(counterexample(shifted)).toBeUndefined()
  })

  it('sorts as text as it does as a number', () => {
    const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
    expect(holds((one, other) => order(sortable(one), sortable(other)) === Math.sign(one - other))).toBeUndefined()
  })

  it('plus seconds is that many seconds away', () => {
    const rule = fc.property(instant, fc.integer({ min: -1e6, max: 1e6 }), (one, millis) => {
      const later = addSeconds(one, millis / 1000)
      return later === Math.min(NEVER, one + millis * 1000)
    })
    expect(counterexample(rule)).toBeUndefined()
    expect(secondsBetween(NOON, addSeconds(NOON, 1.5))).toBe(1.5)
    expect(secondsBetween(addSeconds(NOON, 2), NOON)).toBe(-2)
  })
})

it('is formatted with six digits and Z, and its day is in UTC', () => {
  expect(formatInstant(NOON + 7)).toBe('2026-08-21T16:27:33.000007Z')
  expect(dayOf(Date.UTC(2026, 0, 2) * 1000 - 1)).toBe('2026-01-01')
})

it('nothing is later than NEVER, and nothing sorts before the beginning', () => {
  expect(addSeconds(NEVER, 1)).toBe(NEVER)
  expect(sortable(NEVER)).toHaveLength(16)
  expect(sortable(-5)).toBe('0'.repeat(16))
  expect(sortable(1.9)).toBe(`${'0'.repeat(15)}1`)
})
