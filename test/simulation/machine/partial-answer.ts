import type { BatchGetItemCommandInput, BatchWriteItemCommandInput } from '@aws-sdk/client-dynamodb'
import type { MemoryTable } from '../table/memory-table.ts'
import type { Chance } from './chance.ts'
import type { Call } from './faults.ts'

/** Carries out a part of a batch, and leaves the rest unprocessed, as DynamoDB may of any batch. */
export function partialAnswer(table: MemoryTable, { name, input }: Call, chance: Chance): Promise<unknown> {
  return Promise.resolve(
    name === 'BatchGetItem'
      ? partialGet(table, input as BatchGetItemCommandInput, chance)
      : partialWrite(table, input as BatchWriteItemCommandInput, chance),
  )
}

function partialGet(table: MemoryTable, input: BatchGetItemCommandInput, chance: Chance): object {
  const { RequestItems = {} } = input
  const [[tableName, request] = []] = Object.entries(RequestItems)
  const keys = request?.Keys ?? []
  if (!tableName || !request || keys.length === 0) return table.answer('BatchGetItemCommand', input)
  const done = chance.whole(0, keys.length - 1)
  const unprocessed = { [tableName]: { ...request, Keys: keys.slice(done) } }
  if (done === 0) return { Responses: {}, UnprocessedKeys: unprocessed }
  const part = { ...input, RequestItems: { [tableName]: { ...request, Keys: keys.slice(0, done) } } }
  return { ...table.answer('BatchGetItemCommand', part), UnprocessedKeys: unprocessed }
}

function partialWrite(table: MemoryTable, input: BatchWriteItemCommandInput, chance: Chance): object {
  const [[tableName, requests] = []] = Object.entries(input.RequestItems ?? {})
  if (!tableName || !requests || requests.length === 0) return table.answer('BatchWriteItemCommand', input)
  const done = chance.whole(0, requests.length - 1)
  const unprocessed = { [tableName]: requests.slice(done) }
  if (done === 0) return { UnprocessedItems: unprocessed }
  const part = { ...input, RequestItems: { [tableName]: requests.slice(0, done) } }
  return { ...table.answer('BatchWriteItemCommand', part), UnprocessedItems: unprocessed }
}
