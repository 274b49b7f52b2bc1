import type { ApiKey } from '#shared/api-key/api-key.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { apiKeyKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeApiKey } from './api-key-codec.ts'

/** Reads every key, the newest first. */
export async function listApiKeys(table: Table): Promise<ApiKey[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: apiKeyKey('').pk } })
  return items.map(decodeApiKey).toSorted((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1))
}
