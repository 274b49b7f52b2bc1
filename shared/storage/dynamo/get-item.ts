import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { fromItem, keyOf } from './expression.ts'
import type { Key, Table } from './table.ts'

/** Reads one item, consistently; undefined when there is none. */
export async function getItem(table: Table, key: Key): Promise<Record<string, unknown> | undefined> {
  const answer = await table.client.send(new GetItemCommand({ ...keyOf(table, key), ConsistentRead: true }))
  return answer.Item && fromItem(answer.Item)
}
