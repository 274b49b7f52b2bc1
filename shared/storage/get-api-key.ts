import type { ApiKey } from '../api-key/api-key.ts'
import { decodeApiKey } from './api-key-codec.ts'
import { getItem } from './get-item.ts'
import { apiKeyKey, type Table } from './table.ts'

/** Reads a key by its id, consistently, so that a revocation counts at once; undefined when there is none. */
export async function getApiKey(table: Table, keyId: string): Promise<ApiKey | undefined> {
  const item = await getItem(table, apiKeyKey(keyId))
  return item && decodeApiKey(item)
}
