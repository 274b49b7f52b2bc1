import type { Hono } from 'hono'
import { matchesApiKey } from '#shared/api-key/api-key-filter.ts'
import * as contract from '#shared/contract/api-key/api-key.ts'
import type { Deps } from '#shared/deps.ts'
import { createApiKey } from '#shared/engine/api-key/create-api-key.ts'
import { revokeApiKey } from '#shared/engine/api-key/revoke-api-key.ts'
import { listApiKeys } from '#shared/storage/api-key/list-api-keys.ts'
import { route } from '../route.ts'
import { apiKeyView } from '../views/api-key.ts'

/** Serves the API keys themselves. */
export function apiKeyRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createApiKey, async ({ body, caller }) => {
    const { name, scope, expires_at: expiresAt, expires_in_seconds: expiresInSeconds } = body
    const { key, text } = await createApiKey(deps, { name, scope, expiresAt, expiresInSeconds }, caller.keyId)
    return { ...apiKeyView(key, key.created), key: text }
  })

  route(app, contract.listApiKeys, async ({ body }) => {
    const { api_keys: filter, limit, offset } = body
    const now = deps.clock.now()
    const keys = (await listApiKeys(deps.table)).filter((key) => matchesApiKey(key, filter, now))
    return keys.slice(offset, offset + limit).map((key) => apiKeyView(key, now))
  })

  route(app, contract.revokeApiKey, ({ params, caller }) => revokeApiKey(deps, params.id, caller.keyId))
}
