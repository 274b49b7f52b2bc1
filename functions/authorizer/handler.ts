import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda'
import { isValidKey, parseAuthorization } from '#shared/api-key/api-key.ts'
import { isOpenPath, type Scope } from '#shared/api-key/scope.ts'
import type { Deps } from '#shared/deps.ts'
import { getApiKey } from '#shared/storage/api-key/get-api-key.ts'

/** The caller as the api function sees it: empty without a valid key. */
interface AuthorizerContext {
  scope?: Scope
  keyId?: string
  /** The key could not be looked up. */
  keyUnread?: true
}

export type AuthorizerResult = APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>

/** Unknown members are left out: AWS does not document null as a context value. */
const unknown: AuthorizerResult = { isAuthorized: true, context: {} }

/**
 * Identifies callers of the HTTP API (payload format 2.0, simple responses) by the key in the request. Unknown, revoked
 * and expired keys count as none.
 *
 * No caller is rejected here, as API Gateway would word that itself: always 403 with `{"message":"Forbidden"}`, and an
 * HTTP API's own answers can't be changed. Prefect's clients, and people, learn from a 401 that their key is the
 * problem. So the api function answers it (functions/api/caller.ts), to every path but the open ones. It accepts no
 * other identity, so it is closed too when this function fails or is missing. For the same reason a busy table is
 * passed on, to become a 503, which clients retry. The price is that a request without a key costs one more invocation,
 * of some milliseconds; the stage's throttle bounds both.
 */
export function createAuthorizer(deps: Pick<Deps, 'table' | 'clock' | 'log' | 'settings'>) {
  return async (event: APIGatewayRequestAuthorizerEventV2): Promise<AuthorizerResult> => {
    if (!deps.settings.requireKeys) return { isAuthorized: true, context: { scope: 'admin' } }
    if (isOpenPath(event.rawPath)) return unknown
    const presented = parseAuthorization(event.headers?.authorization ?? event.headers?.Authorization)
    if (!presented) return unknown
    const key = await readKey(deps, presented.id)
    if (key === 'unread') return { isAuthorized: true, context: { keyUnread: true } }
    if (isValidKey(key, presented, deps.clock.now()) && key) {
      return { isAuthorized: true, context: { scope: key.scope, keyId: key.id } }
    }
    deps.log.warn('API key refused', { keyId: key?.id ?? null, sourceIp: event.requestContext?.http?.sourceIp })
    return unknown
  }
}

async function readKey({ table, log }: Pick<Deps, 'table' | 'log'>, keyId: string) {
  try {
    return await getApiKey(table, keyId)
  } catch (error) {
    log.error('API key not read', { keyId, reason: String(error) })
    return 'unread'
  }
}
