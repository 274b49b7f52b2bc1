import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { type Expressions, express, keyOf } from './expression.ts'
import type { Key, Table } from './table.ts'
import { isConditionFailure } from './transact.ts'

/** Removes an item, where the conditions hold; false when there was none, or not that one. */
export async function deleteItem(table: Table, key: Key, conditions: Expressions = {}): Promise<boolean> {
  const request = { ...keyOf(table, key), ...express(conditions), ReturnValues: 'ALL_OLD' as const }
  try {
    return (await table.client.send(new DeleteItemCommand(request))).Attributes !== undefined
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
