import { type AttributeValue } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Key, Table } from './table.ts'

export type Item = Record<string, AttributeValue>

/** DynamoDB's expressions, with `#name` standing for the attribute `name` and `:value` for `values.value`. */
export interface Expressions {
  update?: string
  condition?: string
  keyCondition?: string
  filter?: string
  projection?: string
  values?: Record<string, unknown>
}

/** Fills in the names and values that the expressions mention, in the form that requests take. */
export function express(expressions: Expressions) {
  const { update, condition, keyCondition, filter, projection, values } = expressions
  const names = namesIn(`${update ?? ''} ${condition ?? ''} ${keyCondition ?? ''} ${filter ?? ''} ${projection ?? ''}`)
  const filled: Record<string, unknown> = {}
  for (const name in values) filled[`:${name}`] = values[name]
  return {
    ...(update && { UpdateExpression: update }),
    ...(condition && { ConditionExpression: condition }),
    ...(keyCondition && { KeyConditionExpression: keyCondition }),
    ...(filter && { FilterExpression: filter }),
    ...(projection && { ProjectionExpression: projection }),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(filled).length > 0 && { ExpressionAttributeValues: toItem(filled) }),
  }
}

const namesByText = new Map<string, Record<string, string>>()

/** The names that a text mentions. There are some hundred texts, and each request has one. */
function namesIn(text: string): Record<string, string> {
  const known = namesByText.get(text)
  if (known) return known
  const names = Object.fromEntries([...text.matchAll(/#(\w+)/g)].map(([token, name]) => [token, name as string]))
  namesByText.set(text, names)
  return names
}

/** Marshals an item; undefined members are left out. */
export function toItem(value: object): Item {
  return marshall(value, { removeUndefinedValues: true })
}

/** Reads an item back; the codecs give it its type. */
export function fromItem(item: Item): Record<string, unknown> {
  return unmarshall(item)
}

/** An item by its table and key, as each request names it. */
export function keyOf(table: Table, key: Key) {
  return { TableName: table.name, Key: toItem(key) }
}
