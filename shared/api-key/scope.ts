import { isRecord } from '#shared/json/is-record.ts'

/**
 * What a key may do. `work` is for workers, agents and the flows that they start: poll, report states, write logs,
 * read. `operate` adds runs, deployments and queues, and the variables and blocks that other jobs are made from:
 * writing those could redirect the jobs. `admin` adds work pools, which decide what may run where, and API keys.
 */
export const SCOPES = ['work', 'operate', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/**
 * Served without a key, for load balancers and clients; below the API's base. These are the endpoints whose scope is
 * null; the authorizer checks before an endpoint is resolved.
 */
const OPEN_PATHS: readonly string[] = ['/health', '/ready']

/** Whether the path of a request, whole as it came, is served without a key. */
export function isOpenPath(path: string): boolean {
  return OPEN_PATHS.some((open) => path.replace(/\/$/, '') === `/api${open}`)
}

/** Which keys an operation takes; the contract declares it for each (shared/contract/endpoint.ts). */
export interface ScopeRule {
  /** The minimum scope; null for operations that need no key. */
  scope: Scope | null
  /** Members of the body that need a wider scope than `scope`. */
  widerFor?: { scope: Scope; members: readonly string[] }
}

/** The minimum scope of an operation, or of a request once its body is known; null when it needs no key. */
export function scopeNeeded({ scope, widerFor }: ScopeRule, body?: unknown): Scope | null {
  if (widerFor && isRecord(body) && widerFor.members.some((member) => body[member] !== undefined)) return widerFor.scope
  return scope
}

/** True when a key of this scope covers that scope; each scope includes those before it. */
export function mayDo(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed)
}
