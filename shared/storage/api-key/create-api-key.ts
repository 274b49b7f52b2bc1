import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { ApiKey } from '#shared/api-key/api-key.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { encodeApiKey } from './api-key-codec.ts'

/**
 * Writes a new key. Its id is random, so it never collides; it may already exist only after the client's own retry of a
 * lost response.
 */
export async function createApiKey(table: Table, key: ApiKey): Promise<void> {
  const own = express({
    condition: 'attribute_not_exists(#pk) OR #secretHash = :secretHash',
    values: { secretHash: key.secretHash },
  })
  await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(encodeApiKey(key)), ...own }))
}
