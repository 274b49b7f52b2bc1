import { compareNumbers, isMultipleOf, type JsonNumber, plainNumber } from '#shared/json/decimal.ts'
import { isNumber } from '#shared/json/written-number.ts'
import { isOfType, type Keyword, typesOf, violationAt } from './check.ts'
import { shown, shownList } from './shown.ts'

/** Keywords that look at one value by itself, with the words of Python's jsonschema. */
export const PLAIN_KEYWORDS: Record<string, Keyword> = {
  type: (rule, site) => {
    const types = typesOf(rule)
    site.walk.spend(types.length / 10)
    if (types.some((type) => isOfType(site.value, type))) return []
    return [violationAt(site, () => `${shown(site.value)} is not of type ${shownList(types)}`)]
  },
  enum: (rule, site) => {
    if (!Array.isArray(rule) || site.walk.isAmong(rule, site.value)) return []
    return [violationAt(site, () => `${shown(site.value)} is not one of ${shown(rule)}`)]
  },
  const: (rule, site) =>
    site.walk.same(rule, site.value) ? [] : [violationAt(site, () => `${shown(rule)} was expected`)],
  minimum: compared((value, bound) => compareNumbers(value, bound) >= 0, 'is less than the minimum of'),
  maximum: compared((value, bound) => compareNumbers(value, bound) <= 0, 'is greater than the maximum of'),
  exclusiveMinimum: compared(
    (value, bound) => compareNumbers(value, bound) > 0,
    'is less than or equal to the minimum of',
  ),
  exclusiveMaximum: compared(
    (value, bound) => compareNumbers(value, bound) < 0,
    'is greater than or equal to the maximum of',
  ),
  multipleOf: compared(isMultiple, 'is not a multiple of', 10),
  minLength: sized(textLength, tooFew('is too short')),
  maxLength: sized(textLength, tooMany('is too long')),
  minItems: sized(itemCount, tooFew('is too short')),
  maxItems: sized(itemCount, tooMany('is too long')),
  minProperties: sized(memberCount, tooFew('does not have enough properties')),
  maxProperties: sized(memberCount, tooMany('has too many properties')),
  pattern: (rule, site) => {
    const { value, walk } = site
    if (typeof value !== 'string' || typeof rule !== 'string' || walk.matches(rule, value)) return []
    return [violationAt(site, () => `${shown(value)} does not match ${shown(rule)}`)]
  },
  /** Only an annotation, except in the meta-schema, which requires a valid pattern. */
  format: (rule, site) => {
    const { value, walk } = site
    const checked = walk.checksFormats && rule === 'regex' && typeof value === 'string'
    return checked && walk.pattern(value) === 'malformed'
      ? [violationAt(site, () => `${shown(value)} is not a 'regex'`)]
      : []
  },
  uniqueItems: (rule, site) => {
    const { value, walk } = site
    if (rule !== true || !Array.isArray(value)) return []
    walk.spend(value.length)
    if (new Set(value.map((item) => walk.textOf(item))).size === value.length) return []
    return [violationAt(site, () => `${shown(value)} has non-unique elements`)]
  },
}

/** A keyword that compares numbers; one step of work is this many digits of the bound. */
function compared(holds: (value: JsonNumber, bound: JsonNumber) => boolean, words: string, boundDigits = 100): Keyword {
  return (rule, site) => {
    const { value } = site
    if (!isNumber(value) || !isNumber(rule)) return []
    site.walk.spend(String(value).length / 100 + String(rule).length / boundDigits)
    return holds(value, rule) ? [] : [violationAt(site, () => `${shown(value)} ${words} ${shown(rule)}`)]
  }
}

/** What JavaScript's numbers hold is divided as Python's floats are, so that the same ones pass; the rest exactly. */
function isMultiple(value: JsonNumber, of: JsonNumber): boolean {
  const [dividend, divisor] = [plainNumber(value), plainNumber(of)]
  if (dividend === undefined || divisor === undefined) return isMultipleOf(value, of)
  return Number.isInteger(divisor) ? dividend % divisor === 0 : Number.isInteger(dividend / divisor)
}

type Size = (value: unknown) => number | undefined
/** The message of a size out of bounds; undefined within them. */
type Judge = (size: number, bound: number) => string | undefined

function sized(sizeOf: Size, judge: Judge): Keyword {
  return (rule, site) => {
    const size = sizeOf(site.value)
    if (size === undefined || !isNumber(rule)) return []
    if (typeof site.value === 'string') site.walk.spend(size / 100)
    else if (!Array.isArray(site.value)) site.walk.spend(size / 10)
    const words = judge(size, Number(rule))
    return words ? [violationAt(site, () => `${shown(site.value)} ${words}`)] : []
  }
}

function tooFew(words: string): Judge {
  return (size, least) => (size >= least ? undefined : least === 1 ? 'should be non-empty' : words)
}
function tooMany(words: string): Judge {
  return (size, most) => (size <= most ? undefined : most === 0 ? 'is expected to be empty' : words)
}

const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g

/** In characters, as Python counts them. */
function textLength(value: unknown): number | undefined {
  return typeof value === 'string' ? value.length - (value.match(PAIRS)?.length ?? 0) : undefined
}
function itemCount(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined
}
function memberCount(value: unknown): number | undefined {
  return isOfType(value, 'object') ? Object.keys(value as object).length : undefined
}
