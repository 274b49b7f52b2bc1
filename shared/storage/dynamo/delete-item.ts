import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { keyOf } from './expression.ts'
import type { Key, Table } from './table.ts'

/** Removes an item; false when there was none. */
export async function deleteItem(table: Table, key: Key): Promise<boolean> {
  const answer = await table.client.send(new DeleteItemCommand({ ...keyOf(table, key), ReturnValues: 'ALL_OLD' }))
  return answer.Attributes !== undefined
}
