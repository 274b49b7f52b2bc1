import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalNumber, compareNumbers, isMultipleOf, isWhole } from '#shared/json/decimal.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import type { WrittenNumber } from '#shared/json/written-number.ts'

const number = (text: string) => parseJson(text) as number | WrittenNumber
/** A number of this many thousandths, in one of the ways to write it. */
const thousandths = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.nat(3), fc.nat(3))
  .map(([count, zeros, tens]) => ({
    count: count * 10n ** BigInt(tens),
    text: `${count}${count === 0n ? '' : '0'.repeat(zeros)}e${tens - zeros - 3}`,
  }))

it('numbers are compared by their exact value', () => {
  fc.assert(
    fc.property(thousandths, thousandths, (a, b) => {
      const order = a.count < b.count ? -1 : a.count > b.count ? 1 : 0
      expect(Math.sign(compareNumbers(number(a.text), number(b.text)))).toBe(order)
      expect(canonicalNumber(number(a.text)) === canonicalNumber(number(b.text))).toBe(order === 0)
    }),
  )
})

it('and divided by it', () => {
  fc.assert(
    fc.property(thousandths, fc.bigInt({ min: 1n, max: 10n ** 6n }), (a, b) => {
      expect(isMultipleOf(number(a.text), number(`${b}e-3`))).toBe(a.count % b === 0n)
      expect(isMultipleOf(number(`${a.count * b}e-3`), number(`${b}e-3`))).toBe(true)
    }),
  )
})

it.each([
  ['1', '1.0', true],
  ['100', '1e2', true],
  ['0', '-0.0', true],
  ['0.1', '0.10', true],
  ['9007199254740992', '9007199254740993', false],
  ['1e400', '1e401', false],
  ['1e400', '10e399', true],
  ['1e99999999999999999999', '1e99999999999999999998', false],
])('%s and %s are the same: %s', (a, b, same) => {
  expect(canonicalNumber(number(a)) === canonicalNumber(number(b))).toBe(same)
  expect(compareNumbers(number(a), number(b)) === 0).toBe(same)
})

it('what is equal below zero differs by zero, and not by minus zero', () => {
  expect(compareNumbers(number('-1'), number('-1.0'))).toBe(0)
})

it.each([
  ['1.0', true],
  ['1e400', true],
  ['1.50', false],
  ['-0.0', true],
  ['9007199254740993', true],
  ['15e-1', false],
  ['150e-1', true],
])('%s is a whole number: %s', (text, whole) => {
  expect(isWhole(number(text))).toBe(whole)
})

it('what differs by many powers of ten is divided at once', () => {
  expect(isMultipleOf(number('1e999999999999'), number('1.024e1'))).toBe(true)
  expect(isMultipleOf(number('1e999999999999'), number('3.00'))).toBe(false)
  expect(isMultipleOf(number('3.00'), number('1e999999999999'))).toBe(false)
})
