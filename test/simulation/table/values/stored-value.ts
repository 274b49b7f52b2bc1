import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { Unsupported, ValidationException } from '../service-errors.ts'
import { typeOf } from './attribute-value.ts'
import { storedNumber } from './decimal.ts'

/** An item of the caller's as it is stored: a frozen copy. Raises ValidationException for values that DynamoDB refuses. */
export function storedItem(item: Item): Item {
  return copiedMap(item, storedValue)
}

/** A value as it is stored, as above. */
export function storedValue(value: AttributeValue): AttributeValue {
  return Object.freeze(copied(value))
}

/** A value within a list or map: no bytes, so that only an item's own have to be copied when it is read. */
function nestedValue(value: AttributeValue): AttributeValue {
  if (value.B) throw new Unsupported('bytes within lists and maps')
  return storedValue(value)
}

function copiedMap(map: Item, copy: (value: AttributeValue) => AttributeValue): Item {
  const copies: Item = {}
  for (const name in map) {
    const value = map[name]
    if (value !== undefined) copies[name] = copy(value)
  }
  return Object.freeze(copies)
}

function copied(value: AttributeValue): AttributeValue {
  const type = typeOf(value)
  switch (type) {
    case 'S':
      return { S: value.S as string }
    case 'N':
      return { N: storedNumber(value.N as string) }
    case 'B':
      return { B: Uint8Array.from(value.B as Uint8Array) }
    case 'BOOL':
      return { BOOL: value.BOOL as boolean }
    case 'NULL':
      if (value.NULL !== true) throw invalid('Null attribute value types must have the value of true')
      return { NULL: true }
    case 'L':
      return { L: Object.freeze((value.L as AttributeValue[]).map(nestedValue)) as AttributeValue[] }
    case 'M':
      return { M: copiedMap(value.M as Item, nestedValue) }
    case 'SS':
      if (value.SS?.includes('')) throw invalid('An string set may not have a empty string as a member')
      return { SS: storedSet('string', value.SS as string[]) }
    case 'NS':
      return { NS: storedSet('number', (value.NS as string[]).map(storedNumber)) }
    default:
      throw new Unsupported(`values of type ${String(type)}`)
  }
}

function storedSet(kind: 'string' | 'number', members: readonly string[]): string[] {
  if (members.length === 0) throw invalid(`An ${kind} set  may not be empty`)
  if (new Set(members).size < members.length) {
    throw invalid(`Input collection [${members.join(', ')}] contains duplicates.`)
  }
  return Object.freeze([...members]) as string[]
}

function invalid(what: string): ValidationException {
  return new ValidationException(`One or more parameter values were invalid: ${what}`)
}

/** An item for a caller. Stored ones are frozen and can be shared, but for their bytes, which JavaScript can't freeze. */
export function lentItem(item: Item): Item {
  let lent = item
  for (const name in item) {
    const bytes = item[name]?.B
    if (bytes) lent = { ...lent, [name]: { B: Uint8Array.from(bytes) } }
  }
  return lent
}
