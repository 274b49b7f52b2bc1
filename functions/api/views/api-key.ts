import { type ApiKey, keyStatus } from '#shared/api-key/api-key.ts'
import { formatInstant, type Instant } from '#shared/instant.ts'

/** A key as its admins read it: never its hash. */
export function apiKeyView({ id, name, scope, created, expires, revoked }: ApiKey, now: Instant) {
  return {
    id,
    name,
    scope,
    status: keyStatus({ expires, revoked }, now),
    created: formatInstant(created),
    expires_at: expires === null ? null : formatInstant(expires),
    revoked_at: revoked === null ? null : formatInstant(revoked),
  }
}
