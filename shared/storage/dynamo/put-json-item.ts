import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { express, toItem } from './expression.ts'
import { encodeJsonItem, type JsonDocument, unchangedSince } from './json-item.ts'
import type { Key, Table } from './table.ts'
import { isConditionFailure } from './transact.ts'

/** Writes a thing, if it is still what was read (`before`), or not there when nothing was. Returns whether it was. */
export async function putJsonItem<T extends JsonDocument>(
  table: Table,
  key: Key,
  thing: T,
  before: T | undefined,
): Promise<boolean> {
  const request = {
    TableName: table.name,
    Item: toItem(encodeJsonItem(key, thing)),
    ...express(unchangedSince(before)),
  }
  try {
    await table.client.send(new PutItemCommand(request))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
