import { WrittenNumber } from './written-number.ts'

/**
 * Numbers of JSON by their exact value, which is that of their decimal digits: `1.0` equals `1`, and
 * `9007199254740993` does not equal `9007199254740992`.
 */
interface Decimal {
  negative: boolean
  /** Without zeros at either end; empty for zero. */
  digits: string
  /** The power of ten by which the digits, read as a whole number, are multiplied. */
  exponent: bigint
}

export type JsonNumber = number | WrittenNumber

const PARTS = /^(-?)0*(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i

/** Long numbers in a schema are compared with each item of a list, and take long to read. */
const known = new WeakMap<WrittenNumber, Decimal>()

function decimalOf(value: JsonNumber): Decimal {
  if (!(value instanceof WrittenNumber)) return readDecimal(String(value))
  const decimal = known.get(value) ?? readDecimal(value.text)
  known.set(value, decimal)
  return decimal
}

function readDecimal(text: string): Decimal {
  const [, sign, whole = '', fraction = '', exponent = '0'] = PARTS.exec(text) ?? []
  const all = whole === '' ? fraction.replace(/^0+/, '') : whole + fraction
  const digits = all.slice(0, lengthWithoutZeros(all))
  const moved = BigInt(exponent.replace('+', '')) - BigInt(fraction.length) + BigInt(all.length - digits.length)
  return { negative: sign === '-' && digits !== '', digits, exponent: digits === '' ? 0n : moved }
}

/** The length of digits without the zeros at their end. A regular expression would look at each zero within them again. */
function lengthWithoutZeros(digits: string): number {
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  return end
}

/** Below zero when the first is less than the second, above when it is more. */
export function compareNumbers(a: JsonNumber, b: JsonNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [decimalOf(a), decimalOf(b)]
  if (left.negative !== right.negative) return left.negative ? -1 : 1
  return left.negative ? compareSizes(right, left) : compareSizes(left, right)
}

function compareSizes(a: Decimal, b: Decimal): number {
  if (a.digits === '' || b.digits === '') return a.digits.length - b.digits.length
  const [left, right] = [a, b].map(({ digits, exponent }) => BigInt(digits.length) + exponent) as [bigint, bigint]
  if (left !== right) return left < right ? -1 : 1
  return a.digits === b.digits ? 0 : a.digits < b.digits ? -1 : 1
}

/** One text for each value, however it is written; a whole number within JavaScript's reach has its usual text. */
export function canonicalNumber(value: JsonNumber): string {
  if (Number.isSafeInteger(value)) return String(value)
  const { negative, digits, exponent } = decimalOf(value)
  const whole = exponent >= 0n && BigInt(digits.length) + exponent <= 16n
  const size = whole ? digits.padEnd(digits.length + Number(exponent), '0') || '0' : `${digits}e${exponent}`
  return negative ? `-${size}` : size
}

/** A number of JavaScript's with the same value, however this one is written; undefined when there is none. */
export function plainNumber(value: JsonNumber): number | undefined {
  if (typeof value === 'number') return value
  const number = value.valueOf()
  return Number.isFinite(number) && canonicalNumber(number) === canonicalNumber(value) ? number : undefined
}

/** Whether a number has no fraction, however it is written. */
export function isWhole(value: JsonNumber): boolean {
  return typeof value === 'number' ? Number.isInteger(value) : decimalOf(value).exponent >= 0n
}

/** Whether a number is a multiple of another one; nothing is one of zero. */
export function isMultipleOf(value: JsonNumber, factor: JsonNumber): boolean {
  const [dividend, divisor] = [decimalOf(value), decimalOf(factor)]
  if (dividend.digits === '' || divisor.digits === '') return divisor.digits !== ''
  const shift = dividend.exponent - divisor.exponent
  // Its digits end in no zero, so no power of ten divides them.
  if (shift < 0n) return false
  // More tens than the divisor has binary digits add no factor that it could need.
  const most = BigInt(4 * divisor.digits.length)
  const tens = shift < most ? shift : most
  return (BigInt(dividend.digits) * 10n ** tens) % BigInt(divisor.digits) === 0n
}
