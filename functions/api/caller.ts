import type { Context } from 'hono'
import { isOpenPath, mayDo, SCOPES, type Scope, type ScopeRule, scopeNeeded } from '#shared/api-key/scope.ts'
import { DomainError } from '#shared/errors.ts'

/** Who calls: both are null for a caller without a valid key where keys are required. */
export interface Caller {
  scope: Scope | null
  /** null also where no keys are required. */
  keyId: string | null
  /** Whether a presented key could not be looked up. */
  keyUnread: boolean
}

declare module 'hono' {
  interface ContextVariableMap {
    caller: Caller
  }
}

interface GatewayEnv {
  event?: { requestContext?: { authorizer?: { lambda?: Record<string, unknown> | null } | null } }
}

/**
 * The caller, as the authorizer identified it and API Gateway passed it on. Without keys every caller may do
 * everything.
 */
export function parseCaller(c: Context, requireKeys: boolean): Caller {
  if (!requireKeys) return { scope: 'admin', keyId: null, keyUnread: false }
  const known = (c.env as GatewayEnv | undefined)?.event?.requestContext?.authorizer?.lambda
  const scope = SCOPES.find((each) => each === known?.scope) ?? null
  const keyId = scope !== null && typeof known?.keyId === 'string' ? known.keyId : null
  return { scope, keyId, keyUnread: known?.keyUnread === true }
}

/**
 * Rejects a caller without a valid key on any path, so that strangers can't tell which paths exist. The authorizer lets
 * such callers through for this answer, and here the API stays closed without an authorizer too.
 */
export function assertKnown({ scope, keyUnread }: Caller, path: string): void {
  if (scope !== null || isOpenPath(path)) return
  if (keyUnread) throw new DomainError('unavailable', 'The API key could not be checked; retry.')
  throw new DomainError('unauthorized', 'Unauthorized')
}

/** Refuses a call that the caller's key does not allow; some depend on the request's body. */
export function assertInScope({ scope }: Caller, rule: ScopeRule, body?: unknown): void {
  const needed = scopeNeeded(rule, body)
  if (needed === null || (scope !== null && mayDo(scope, needed))) return
  throw new DomainError('insufficient_scope', `This needs a key of scope "${needed}".`)
}
