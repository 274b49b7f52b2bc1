import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { GlobalLimit } from '#shared/limit/global-limit.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'
import { encodeGlobalLimit } from './global-limit-codec.ts'

/** Writes a new global limit; false when there is one of that name. */
export async function createGlobalLimit(table: Table, limit: GlobalLimit): Promise<boolean> {
  return await put(table, limit, { condition: 'attribute_not_exists(#pk)' })
}

/** Writes a global limit if nothing has moved since it was read as `before`; false when something has. */
export async function saveGlobalLimit(table: Table, before: GlobalLimit, after: GlobalLimit): Promise<boolean> {
  const { moves, created } = before
  const unmoved = { condition: '#moves = :moves AND #created = :created', values: { moves, created } }
  return await put(table, { ...after, moves: moves + 1 }, unmoved)
}

async function put(table: Table, limit: GlobalLimit, conditions: Parameters<typeof express>[0]): Promise<boolean> {
  const item = toItem(encodeGlobalLimit(limit))
  try {
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: item, ...express(conditions) }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
