import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** Bytes of a list or map beside its members', and for each of these (developer guide, "Item sizes and formats"). */
const NESTING_BYTES = 3
const MEMBER_BYTES = 1

/** The size of an item as DynamoDB counts it, attribute names included. */
export function itemBytes(item: Record<string, AttributeValue>): number {
  let sum = 0
  for (const name in item) sum += Buffer.byteLength(name) + valueBytes(item[name] as AttributeValue)
  return sum
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S)
  if (value.N !== undefined) return numberBytes(value.N)
  if (value.B !== undefined) return value.B.length
  if (value.SS) return value.SS.reduce((sum, member) => sum + Buffer.byteLength(member), 0)
  if (value.NS) return value.NS.reduce((sum, member) => sum + numberBytes(member), 0)
  if (value.L !== undefined) return nested(value.L.map(valueBytes))
  if (value.M !== undefined) {
    return nested(Object.entries(value.M).map(([name, member]) => Buffer.byteLength(name) + valueBytes(member)))
  }
  return 1
}

const nested = (members: readonly number[]) => members.reduce((sum, bytes) => sum + MEMBER_BYTES + bytes, NESTING_BYTES)

/** Most numbers: whole ones whose digits all count. */
const PLAIN = /^[1-9]\d*(?<!0)$/

/** Two significant digits per byte, counted from the point, plus one byte, and one for a sign. */
function numberBytes(text: string): number {
  if (PLAIN.test(text)) return Math.ceil(text.length / 2) + 1
  const [whole = '', fraction = ''] = text.replace('-', '').replace(/^0+/, '').split('.')
  const significant = fraction === '' ? whole.replace(/0+$/, '') : whole
  const behind = whole === '' ? fraction.replace(/^0+/, '') : fraction
  return Math.ceil(significant.length / 2) + Math.ceil(behind.length / 2) + 1 + (text.startsWith('-') ? 1 : 0)
}
