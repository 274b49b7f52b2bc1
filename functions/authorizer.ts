import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda'
import { isValidKey, readAuthorization } from '../shared/api-key/api-key.ts'
import { OPEN_PATHS, type Scope } from '../shared/api-key/scope.ts'
import type { Deps } from '../shared/deps.ts'
import { getApiKey } from '../shared/storage/get-api-key.ts'

/** What the api function learns of the caller; it is null for a request that needs no key. */
export interface AuthorizerContext {
  scope: Scope | null
  keyId: string | null
}

export type AuthorizerResult = APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>

const refused: AuthorizerResult = { isAuthorized: false, context: { scope: null, keyId: null } }

/**
 * Decides on each request to the HTTP API (payload format 2.0, simple responses) by the key that it carries. Unknown,
 * revoked and expired keys are refused alike; API Gateway words the refusal.
 */
export function createAuthorizer(deps: Pick<Deps, 'table' | 'clock' | 'log' | 'settings'>) {
  return async (event: APIGatewayRequestAuthorizerEventV2): Promise<AuthorizerResult> => {
    if (!deps.settings.requireKeys) return { isAuthorized: true, context: { scope: 'admin', keyId: null } }
    if (isOpen(event.rawPath)) return { isAuthorized: true, context: { scope: null, keyId: null } }
    const presented = readAuthorization(event.headers?.authorization ?? event.headers?.Authorization)
    if (!presented) return refused
    const key = await getApiKey(deps.table, presented.id)
    if (isValidKey(key, presented, deps.clock.now()) && key) {
      return { isAuthorized: true, context: { scope: key.scope, keyId: key.id } }
    }
    deps.log.warn('API key refused', { keyId: key?.id ?? null, sourceIp: event.requestContext?.http?.sourceIp })
    return refused
  }
}

function isOpen(rawPath: string): boolean {
  return OPEN_PATHS.some((path) => rawPath.replace(/\/$/, '') === `/api${path}`)
}
