import { PutItemCommand, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { fromItem, type Item, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'

/** Every item of a table, by key. */
export async function tableItems(table: Table): Promise<Map<string, Record<string, unknown>>> {
  const items: Item[] = []
  let after: Item | undefined
  do {
    const request = { TableName: table.name, ConsistentRead: true, ExclusiveStartKey: after }
    const page: ScanCommandOutput = await table.client.send(new ScanCommand(request))
    items.push(...(page.Items ?? []))
    after = page.LastEvaluatedKey
  } while (after)
  return new Map(items.map(fromItem).map((item) => [`${String(item.pk)} ${String(item.sk)}`, item]))
}

/** Returns what an act answers that must leave the table as it is. */
export async function changesNothing<T>(table: Table, act: () => Promise<T>): Promise<T> {
  const before = await tableItems(table)
  const answer = await act()
  expect(await tableItems(table)).toEqual(before)
  return answer
}

/** Puts an item past the code under test. */
export async function putItem(table: Table, item: object): Promise<void> {
  await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item) }))
}
