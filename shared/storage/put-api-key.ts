import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { ApiKey } from '../api-key/api-key.ts'
import { toItem } from './expression.ts'
import { apiKeyKey, type Table } from './table.ts'

/** Writes a key, new or changed (such as revoked). */
export async function putApiKey(table: Table, { id, ...key }: ApiKey): Promise<void> {
  await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem({ ...apiKeyKey(id), ...key }) }))
}
