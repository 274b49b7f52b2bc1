import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { ApiKey } from '../api-key/api-key.ts'
import { encodeApiKey } from './api-key-codec.ts'
import { express, toItem } from './expression.ts'
import type { Table } from './table.ts'

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
