import type { QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { type Answer, answered } from './answer.ts'
import { readUnits } from './capacity.ts'
import { type ParsedCondition, parseFilter, parseKeyCondition } from './expression/condition.ts'
import { holds } from './expression/holds.ts'
import { keyRange } from './expression/key-condition.ts'
import { type ParsedProjection, parseProjection, projected, projectedNames } from './expression/projection.ts'
import { Scope } from './expression/scope.ts'
import { pageOf, startRow } from './page.ts'
import { checkMembers, checkTableName } from './request-members.ts'
import { ValidationException } from './service-errors.ts'
import { lentItem } from './stored-value.ts'
import type { TableRows } from './table-rows.ts'
import { INDEXES, type IndexSchema, TABLE_KEY } from './table-schema.ts'

const MEMBERS = [
  'TableName',
  'IndexName',
  'ConsistentRead',
  'ScanIndexForward',
  'Limit',
  'ExclusiveStartKey',
  'KeyConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnConsumedCapacity',
]

/** Answers Query, of the table or an index. */
export function query(rows: TableRows, name: string, request: QueryCommandInput): Answer {
  checkMembers(request, MEMBERS)
  checkTableName(request.TableName, name)
  const index = indexOf(request)
  const schema = index ?? TABLE_KEY
  const { keyCondition, filter, projection, scope } = parsed(request)
  const range = keyRange(keyCondition.condition, scope, schema)
  const shown = projection && projectedNames(projection, scope)
  if (filter) checkFilter(filter, scope, schema)
  if (index) checkProjected(index, [...scopeNames(filter, scope), ...(shown ?? [])])
  const start = request.ExclusiveStartKey && startRow(request.ExclusiveStartKey, index, range)
  const view = index ? rows.indexes.find((one) => one.name === index.name)?.view : rows.base
  const page = pageOf(view ? [{ view, hash: range.hash }] : [], {
    start,
    index,
    descending: request.ScanIndexForward === false,
    limit: request.Limit,
    includes: range.includes,
  })
  const kept = filter ? page.items.filter((item) => holds(filter.condition, item, scope)) : page.items
  const output = {
    Items: kept.map((item) => lentItem(shown ? projected(item, shown) : item)),
    Count: kept.length,
    ScannedCount: page.items.length,
    ...(page.last && { LastEvaluatedKey: page.last }),
  }
  const read = readUnits(page.bytes, request.ConsistentRead)
  const units = index ? { table: 0, indexes: new Map([[index.name, read]]) } : { table: read, indexes: new Map() }
  return answered(name, output, units, request.ReturnConsumedCapacity)
}

function indexOf({ IndexName: name, ConsistentRead: consistent }: QueryCommandInput): IndexSchema | undefined {
  if (name === undefined) return undefined
  const index = INDEXES.find((one) => one.name === name)
  if (!index) throw new ValidationException(`The table does not have the specified index: ${name}`)
  if (!consistent) return index
  throw new ValidationException('Consistent reads are not supported on global secondary indexes')
}

function parsed(request: QueryCommandInput) {
  const { KeyConditionExpression: key, FilterExpression: kept, ProjectionExpression: shown } = request
  if (key === undefined) {
    const what = 'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.'
    throw new ValidationException(what)
  }
  const keyCondition = parseKeyCondition(key)
  const filter = kept === undefined ? undefined : parseFilter(kept)
  const projection: ParsedProjection | undefined = shown === undefined ? undefined : parseProjection(shown)
  const expressions = [keyCondition, filter, projection].filter((expression) => expression !== undefined)
  return { keyCondition, filter, projection, scope: new Scope(request, expressions) }
}

/** The attributes that a filter mentions. */
function scopeNames(filter: ParsedCondition | undefined, scope: Scope): string[] {
  return filter ? scope.names([...filter.mentions.names]) : []
}

function checkFilter(filter: ParsedCondition, scope: Scope, { hash, sort }: { hash: string; sort: string }): void {
  const key = scopeNames(filter, scope).find((name) => name === hash || name === sort)
  if (key === undefined) return
  const what = 'Filter Expression can only contain non-primary key attributes'
  throw new ValidationException(`${what}: Primary key attribute: ${key}`)
}

function checkProjected(index: IndexSchema, names: readonly string[]): void {
  const missing = names.filter((name) => !index.projected.includes(name))
  if (missing.length === 0) return
  const what = `Global secondary index ${index.name} does not project [${missing.join(', ')}]`
  throw new ValidationException(`One or more parameter values were invalid: ${what}`)
}
