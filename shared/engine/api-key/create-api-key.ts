import { type ApiKey, newApiKey } from '#shared/api-key/api-key.ts'
import type { Scope } from '#shared/api-key/scope.ts'
import type { Deps } from '#shared/deps.ts'
import { invalidField } from '#shared/errors.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import * as storage from '#shared/storage/api-key/create-api-key.ts'

export interface ApiKeyInput {
  name: string
  scope: Scope
  /** The end as an instant, or as seconds from now; without either the key does not expire. */
  expiresAt?: Instant | undefined
  expiresInSeconds?: number | undefined
}

/**
 * Creates a key. Its text is returned once and never stored, so each call creates another key, even a retry after a
 * lost response: the lost key is unusable, and can be revoked by its name and time. Raises invalid when its expiry has
 * passed.
 */
export async function createApiKey(
  { table, clock, log }: Pick<Deps, 'table' | 'clock' | 'log'>,
  { name, scope, expiresAt, expiresInSeconds }: ApiKeyInput,
  callerKeyId: string | null,
): Promise<{ key: ApiKey; text: string }> {
  const created = clock.now()
  const expires = expiresAt ?? (expiresInSeconds === undefined ? null : addSeconds(created, expiresInSeconds))
  if (expires !== null && expires <= created) throw invalidField(['body', 'expires_at'], 'must be in the future')
  const { key, text } = newApiKey({ name, scope, created, expires })
  await storage.createApiKey(table, key)
  log.info('API key created', { keyId: key.id, scope, by: callerKeyId })
  return { key, text }
}
