import type { BatchGetItemCommandInput, BatchWriteItemCommandInput, QueryCommandInput } from '@aws-sdk/client-dynamodb'
import type { WorldTable } from '../table/world-table.ts'
import type { Chance } from './chance.ts'
import type { Call } from './faults.ts'

/** Items of a page that ends early. */
const SHORT_PAGE_ITEMS_MAX = 3

/**
 * Carries out a part of a batch and leaves the rest unprocessed, as DynamoDB may of any batch; or ends a page early, as it
 * does where items are large.
 */
export async function partialAnswer(table: WorldTable, { name, input }: Call, chance: Chance): Promise<unknown> {
  if (name === 'Query') return await shortPage(table, input as QueryCommandInput, chance)
  return name === 'BatchGetItem'
    ? await partialGet(table, input as BatchGetItemCommandInput, chance)
    : await partialWrite(table, input as BatchWriteItemCommandInput, chance)
}

async function shortPage(table: WorldTable, input: QueryCommandInput, chance: Chance): Promise<object> {
  const most = chance.whole(1, SHORT_PAGE_ITEMS_MAX)
  return await table.answer('QueryCommand', { ...input, Limit: Math.min(input.Limit ?? most, most) })
}

async function partialGet(table: WorldTable, input: BatchGetItemCommandInput, chance: Chance): Promise<object> {
  const { RequestItems = {} } = input
  const [[tableName, request] = []] = Object.entries(RequestItems)
  const keys = request?.Keys ?? []
  if (!tableName || !request || keys.length === 0) return await table.answer('BatchGetItemCommand', input)
  const done = chance.whole(0, keys.length - 1)
  const unprocessed = { [tableName]: { ...request, Keys: keys.slice(done) } }
  if (done === 0) return { Responses: {}, UnprocessedKeys: unprocessed }
  const part = { ...input, RequestItems: { [tableName]: { ...request, Keys: keys.slice(0, done) } } }
  return { ...(await table.answer('BatchGetItemCommand', part)), UnprocessedKeys: unprocessed }
}

async function partialWrite(table: WorldTable, input: BatchWriteItemCommandInput, chance: Chance): Promise<object> {
  const [[tableName, requests] = []] = Object.entries(input.RequestItems ?? {})
  if (!tableName || !requests || requests.length === 0) return await table.answer('BatchWriteItemCommand', input)
  const done = chance.whole(0, requests.length - 1)
  const unprocessed = { [tableName]: requests.slice(done) }
  if (done === 0) return { UnprocessedItems: unprocessed }
  const part = { ...input, RequestItems: { [tableName]: requests.slice(0, done) } }
  return { ...(await table.answer('BatchWriteItemCommand', part)), UnprocessedItems: unprocessed }
}
