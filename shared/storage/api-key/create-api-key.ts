import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { ApiKey } from '#shared/api-key/api-key.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { encodeApiKey } from './api-key-codec.ts'

/**
 * Writes a new key. Its id is chance, so another key is never in the way; that this one may be there already is for the
 * client's own retries, after an answer that was lost.
 */
export async function createApiKey(table: Table, key: ApiKey): Promise<void> {
  const own = express({
    condition: 'attribute_not_exists(#pk) OR #secretHash = :secretHash',
    values: { secretHash: key.secretHash },
  })
  await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(encodeApiKey(key)), ...own }))
}
