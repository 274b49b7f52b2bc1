import type { ApiKey } from '../api-key/api-key.ts'
import { decodeApiKey } from './api-key-codec.ts'
import { queryAll } from './query.ts'
import { apiKeyKey, type Table } from './table.ts'

/** Reads every key, the newest first. */
export async function listApiKeys(table: Table): Promise<ApiKey[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: apiKeyKey('').pk } })
  return items.map(decodeApiKey).toSorted((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1))
}
