import type { BatchGetItemCommandInput, GetItemCommandInput, KeysAndAttributes } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import type { Key } from '#shared/storage/dynamo/table.ts'
import { type Answer, answered, answeredBatch } from './answer.ts'
import { checkDifferent } from './batch-write-item.ts'
import { readUnits, type Units } from './capacity.ts'
import { parseProjection, projected, projectedNames } from './expression/projection.ts'
import { type Placeholders, Scope } from './expression/scope.ts'
import { checkCount, checkMembers, checkTableName } from './request-members.ts'
import { lentItem } from './stored-value.ts'
import type { TableRows } from './table-rows.ts'
import { requestKey } from './table-schema.ts'

/** DynamoDB's limits for one batch. */
const KEYS_MAX = 100
const BYTES_MAX = 16 * 1024 * 1024

const READING = ['ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames']

/** Answers GetItem. */
export function getItem(rows: TableRows, name: string, request: GetItemCommandInput): Answer {
  checkMembers(request, [...READING, 'TableName', 'Key', 'ReturnConsumedCapacity'])
  checkTableName(request.TableName, name)
  const show = shownBy(request)
  const row = rows.get(requestKey(request.Key))
  const units = unitsOf(readUnits(row?.bytes ?? 0, request.ConsistentRead))
  return answered(name, row ? { Item: show(row.item) } : {}, units, request.ReturnConsumedCapacity)
}

/** Answers BatchGetItem, in the order of the keys; what does not fit 16 MB is left unprocessed. */
export function batchGetItem(rows: TableRows, name: string, request: BatchGetItemCommandInput): Answer {
  checkMembers(request, ['RequestItems', 'ReturnConsumedCapacity'])
  const [[table, read] = ['', undefined]] = Object.entries(request.RequestItems ?? {})
  const { Keys = [], ...how }: Partial<KeysAndAttributes> = read ?? {}
  checkCount('requestItems', Keys.length, KEYS_MAX)
  checkMembers(how, READING)
  checkTableName(table, name)
  const show = shownBy(how)
  const keys = Keys.map(requestKey)
  checkDifferent(keys)
  const { items, units, done } = readAll(rows, keys, how.ConsistentRead)
  const left = Keys.slice(done)
  const output = {
    Responses: { [name]: items.map(show) },
    UnprocessedKeys: left.length > 0 ? { [name]: { ...how, Keys: left } } : {},
  }
  return answeredBatch(name, output, unitsOf(units), request.ReturnConsumedCapacity)
}

function readAll(rows: TableRows, keys: readonly Key[], consistent: boolean | undefined) {
  const items: Item[] = []
  let units = 0
  let bytes = 0
  for (const [at, key] of keys.entries()) {
    const row = rows.get(key)
    bytes += row?.bytes ?? 0
    if (bytes > BYTES_MAX) return { items, units, done: at }
    units += readUnits(row?.bytes ?? 0, consistent)
    if (row) items.push(row.item)
  }
  return { items, units, done: keys.length }
}

/** A function that shows what a request wants to see of an item. */
function shownBy(request: Placeholders & { ProjectionExpression?: string | undefined }): (item: Item) => Item {
  const { ProjectionExpression: text } = request
  const projection = text === undefined ? undefined : parseProjection(text)
  const scope = new Scope(request, projection ? [projection] : [])
  const names = projection && projectedNames(projection, scope)
  return (item) => lentItem(names ? projected(item, names) : item)
}

function unitsOf(table: number): Units {
  return { table, indexes: new Map() }
}
