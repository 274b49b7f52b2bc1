import { isRecord } from '#shared/json.ts'

/**
 * What a key may do. `work` is for workers, agents and the flows that they start: poll, say how work goes, write logs,
 * read. `operate` adds runs, deployments and queues, and the variables and blocks that other jobs are made from: who could
 * write those could redirect the jobs. `admin` adds work pools, which decide what may run where, and API keys.
 */
export const SCOPES = ['work', 'operate', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/**
 * Served without a key, so that load balancers and clients can ask; below the API's base. These are the endpoints whose
 * scope is null; the authorizer asks before there is an endpoint.
 */
const OPEN_PATHS: readonly string[] = ['/health', '/ready']

/** Whether the path of a request, whole as it came, is served without a key. */
export function isOpenPath(path: string): boolean {
  return OPEN_PATHS.some((open) => path.replace(/\/$/, '') === `/api${open}`)
}

/** Which keys an operation takes; the contract declares it for each (shared/contract/endpoint.ts). */
export interface ScopeRule {
  /** The least scope that will do; null for operations that need no key. */
  scope: Scope | null
  /** Members of the body that ask for more than `scope` does. */
  widerFor?: { scope: Scope; members: readonly string[] }
}

/** The least scope that an operation asks for, or a request to it once its body is known; null when it needs no key. */
export function scopeNeeded({ scope, widerFor }: ScopeRule, body?: unknown): Scope | null {
  if (widerFor && isRecord(body) && widerFor.members.some((member) => body[member] !== undefined)) return widerFor.scope
  return scope
}

/** True when a key of this scope may do what asks for that scope; each scope holds those before it. */
export function mayDo(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed)
}
