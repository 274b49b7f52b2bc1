import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRecord } from '#shared/json/is-record.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import { isNumber, WrittenNumber } from '#shared/json/written-number.ts'
import { jsonText } from '../support/fixtures/json-text.ts'

const SAME = ['0', '1', '-1', '0.5', '-0.25', '1e+21', '9007199254740991', '0.1', '123456.789', '5e-324']
const WRITTEN = [
  '-0',
  '-0.0',
  '0.0',
  '1.0',
  '1.10',
  '1e2',
  '1E2',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740993',
  '202402144809161001040',
  '0.10000000000000000555',
  '0.0000001',
  '1e21',
]

it.each(SAME)('%s is a number of JavaScript', (text) => {
  expect(parseJson(text)).toBe(Number(text))
})

it.each(WRITTEN)('%s is kept as it was written, wherever it is', (text) => {
  for (const place of [text, `[${text}]`, `{"a":${text}}`, `{"a" : ${text}\n}`, `[1,\t${text} ]`]) {
    const value = parseJson(place)
    expect(JSON.stringify(value)).toBe(place.replaceAll(/\s/g, ''))
  }
  expect(Number(parseJson(text))).toBe(Number(text))
})

it('what looks like such a number in a text stays a text', () => {
  const value = { 'at 1.0': 'loss: 0.10, 1e5', list: '[-0, 12345678901234567890]', due: '2026-11-30T10:20:30.120Z' }
  expect(parseJson(JSON.stringify(value))).toEqual(value)
  const quoted = String.raw`{"at \", 1.0":"C:\\","n":1.0}`
  expect(JSON.stringify(parseJson(quoted))).toBe(quoted)
})

it('any JSON is written as it was read, but for white space', () => {
  fc.assert(
    fc.property(jsonText(), (text) => {
      expect(JSON.stringify(parseJson(text))).toBe(text)
    }),
  )
})

describe('bounds', () => {
  it('no number has more digits than Python reads', () => {
    expect(JSON.stringify(parseJson('9'.repeat(4_300)))).toBe('9'.repeat(4_300))
    expect(() => parseJson(`[${'9'.repeat(4_301)}]`)).toThrow('a number of more than 4,300 digits')
  })

  it('nesting is bounded before numbers are looked at', () => {
    const deep = `${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`
    expect(() => parseJson(deep, 64)).toThrow('nested deeper than 64 levels')
    expect(JSON.stringify(parseJson('[[1.0]]', 3))).toBe('[[1.0]]')
  })
})

it('a number that is kept as it was written is no object', () => {
  const number = new WrittenNumber('2.50')
  expect([isRecord(number), isNumber(number), isNumber('2.50'), String(number), Number(number) * 2]).toEqual([
    false,
    true,
    false,
    '2.50',
    5,
  ])
})

it.each(['', ' 1', '1.', '.5', '01', '+1', '0x1', 'NaN', 'true', 'null', '"1"', '{}', '1,2', '1\n'])(
  '%j is no number to keep',
  (text) => {
    expect(() => new WrittenNumber(text)).toThrow(SyntaxError)
  },
)
