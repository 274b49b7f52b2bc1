import type { Deps } from '#shared/deps.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { getApiKey } from '#shared/storage/api-key/get-api-key.ts'
import * as storage from '#shared/storage/api-key/revoke-api-key.ts'

/**
 * Revokes a key for good; doing so again changes nothing. A caller can't revoke its own key, so an admin's last key is
 * not lost by accident. Raises not_found and conflict.
 */
export async function revokeApiKey(
  { table, clock, log }: Pick<Deps, 'table' | 'clock' | 'log'>,
  keyId: string,
  callerKeyId: string | null,
): Promise<void> {
  if (keyId === callerKeyId) {
    throw new DomainError('conflict', 'An API key cannot revoke itself; use another key.')
  }
  if (await storage.revokeApiKey(table, keyId, clock.now())) log.info('API key revoked', { keyId, by: callerKeyId })
  else if (!(await getApiKey(table, keyId))) throw notFound('API key', keyId)
}
