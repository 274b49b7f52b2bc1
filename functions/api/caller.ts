import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { mayDo, OPEN_PATHS, type Scope, SCOPES, scopeNeeded } from '../../shared/api-key/scope.ts'
import { DomainError } from '../../shared/errors.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** What the caller may do; null for a caller that showed no key where keys are asked for. */
    scope: Scope | null
  }
}

interface GatewayEnv {
  event?: { requestContext?: { authorizer?: { lambda?: { scope?: unknown } | null } | null } }
}

/** The caller's scope, as the authorizer found it and API Gateway handed it on. Without keys everybody may do all. */
export function readScope(c: Context, requireKeys: boolean): Scope | null {
  if (!requireKeys) return 'admin'
  const scope = (c.env as GatewayEnv | undefined)?.event?.requestContext?.authorizer?.lambda?.scope
  return SCOPES.find((each) => each === scope) ?? null
}

/**
 * Refuses a call that the caller's key does not allow. The authorizer has refused callers without a key before; asking
 * again here keeps the API closed if it is ever deployed without one.
 */
export function refuseOutOfScope(held: Scope | null, endpoint: { method: string; path: string }): void {
  if (OPEN_PATHS.includes(endpoint.path)) return
  if (held === null) throw new HTTPException(401, { message: 'Unauthorized' })
  const needed = scopeNeeded(endpoint)
  if (!mayDo(held, needed)) throw new DomainError('forbidden', `This needs a key of scope "${needed}".`)
}
