import type { ApiKey } from '#shared/api-key/api-key.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { apiKeyKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeApiKey } from './api-key-codec.ts'

/** Reads a key by its id, consistently, so that a revocation counts at once; undefined when there is none. */
export async function getApiKey(table: Table, keyId: string): Promise<ApiKey | undefined> {
  const item = await getItem(table, apiKeyKey(keyId))
  return item && decodeApiKey(item)
}
