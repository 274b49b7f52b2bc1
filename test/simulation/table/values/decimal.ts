import { ValidationException } from '../service-errors.ts'

/** A number as DynamoDB keeps it: `coefficient × 10^exponent`, in as few digits as possible. */
interface Decimal {
  coefficient: bigint
  exponent: number
}

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/
/** Whole numbers in the form in which they are stored: most are. */
const STORED = /^(?:0|-?[1-9]\d{0,37})$/
const DIGITS_MAX = 38
/** The least and greatest places of a first digit. */
const MAGNITUDE = { min: -130, max: 125 }

/** A number in the form in which DynamoDB returns it. Raises ValidationException for what is none, or too large or long. */
export function storedNumber(text: string): string {
  return STORED.test(text) ? text : format(parse(text))
}

/** The exact sum, or, with `sign` -1, the difference. Raises ValidationException where it has more than 38 digits. */
export function addNumbers(a: string, b: string, sign: 1 | -1): string {
  const [left, right, exponent] = aligned(parse(a), parse(b))
  return format(checked({ coefficient: left + BigInt(sign) * right, exponent }))
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareNumbers(a: string, b: string): number {
  const [left, right] = aligned(parse(a), parse(b))
  return left < right ? -1 : left > right ? 1 : 0
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent)
  const shifted = (one: Decimal) => one.coefficient * 10n ** BigInt(one.exponent - exponent)
  return [shifted(a), shifted(b), exponent]
}

function parse(text: string): Decimal {
  const match = FORM.exec(text)
  const [, sign = '', whole = '', fraction = '', power = '0'] = match ?? []
  if (!match || whole + fraction === '') {
    throw new ValidationException(
      `The parameter cannot be converted to a numeric value${text === '' ? '' : `: ${text}`}`,
    )
  }
  const coefficient = BigInt(whole + fraction)
  return checked({ coefficient: sign === '-' ? -coefficient : coefficient, exponent: Number(power) - fraction.length })
}

function checked({ coefficient, exponent }: Decimal): Decimal {
  if (coefficient === 0n) return { coefficient, exponent: 0 }
  const digits = String(coefficient).replace('-', '')
  const zeros = digits.length - digits.replace(/0+$/, '').length
  const significant = digits.length - zeros
  const magnitude = digits.length - 1 + exponent
  const store = 'Attempting to store'
  if (significant > DIGITS_MAX) throw new ValidationException(`${store} more than 38 significant digits in a Number`)
  const range = `${store} a number with magnitude`
  if (magnitude > MAGNITUDE.max) throw new ValidationException(`Number overflow. ${range} larger than supported range`)
  if (magnitude < MAGNITUDE.min)
    throw new ValidationException(`Number underflow. ${range} smaller than supported range`)
  return { coefficient: coefficient / 10n ** BigInt(zeros), exponent: exponent + zeros }
}

function format({ coefficient, exponent }: Decimal): string {
  const sign = coefficient < 0n ? '-' : ''
  const digits = String(coefficient).replace('-', '')
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent)
  const padded = digits.padStart(1 - exponent, '0')
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}
