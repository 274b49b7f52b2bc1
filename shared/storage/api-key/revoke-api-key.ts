import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Instant } from '#shared/instant.ts'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { apiKeyKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'
import { dropAfter } from './api-key-codec.ts'

/** Revokes a key; false when there is no such key, or it is revoked already. */
export async function revokeApiKey(table: Table, keyId: string, at: Instant): Promise<boolean> {
  const expressions = express({
    update: 'SET #revoked = :at, #expiresAt = :dropAfter',
    condition: '#revoked = :never',
    values: { at, never: null, dropAfter: dropAfter(at) },
  })
  try {
    await table.client.send(new UpdateItemCommand({ ...keyOf(table, apiKeyKey(keyId)), ...expressions }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
