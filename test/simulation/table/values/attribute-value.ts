import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { compareNumbers } from './decimal.ts'

/** The types that the product stores. */
export type ValueType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'L' | 'M' | 'SS' | 'NS'

/** The type of a value, which is the name of its only member. */
export function typeOf(value: AttributeValue): ValueType {
  for (const type in value) return type as ValueType
  throw new TypeError('a value without a type')
}

/** Whether two stored values are the same; sets are, in whatever order. */
export function sameValue(a: AttributeValue, b: AttributeValue): boolean {
  if (a.L && b.L) return sameLists(a.L, b.L)
  if (a.M && b.M) return sameMaps(a.M, b.M)
  if (a.SS && b.SS) return sameSets(a.SS, b.SS)
  if (a.NS && b.NS) return sameSets(a.NS, b.NS)
  if (a.B && b.B) return Buffer.compare(a.B, b.B) === 0
  return a.S === b.S && a.N === b.N && a.BOOL === b.BOOL && a.NULL === b.NULL && typeOf(a) === typeOf(b)
}

/** Whether two maps of values, such as items, are the same. */
export function sameMaps(a: Record<string, AttributeValue>, b: Record<string, AttributeValue>): boolean {
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => {
    const [one, other] = [a[name], b[name]]
    return one !== undefined && other !== undefined && sameValue(one, other)
  })
}

/** Negative, zero or positive for two strings, numbers or binaries; NaN for what has no order. */
export function compareValues(a: AttributeValue, b: AttributeValue): number {
  if (a.S !== undefined && b.S !== undefined) return compareStrings(a.S, b.S)
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N)
  if (a.B && b.B) return Buffer.compare(a.B, b.B)
  return Number.NaN
}

/** By the bytes of UTF-8, as DynamoDB sorts; JavaScript's own order differs for surrogates. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at += 1) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (one !== other) return placeOf(one) - placeOf(other)
  }
  return a.length - b.length
}

/** Surrogates stand for characters behind all others. */
function placeOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

function sameLists(a: readonly AttributeValue[], b: readonly AttributeValue[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, at) => {
      const other = b[at]
      return other !== undefined && sameValue(one, other)
    })
  )
}

function sameSets(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === a.length
}
