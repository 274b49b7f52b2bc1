/**
 * What a key may do. `work` is for workers, agents and the flows that they start: poll, say how work goes, write logs,
 * read. `operate` adds runs, deployments and queues. `admin` adds work pools, which decide what may run where, and API
 * keys.
 */
export const SCOPES = ['work', 'operate', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** Served without a key, so that load balancers and clients can ask; below the API's base. */
export const OPEN_PATHS: readonly string[] = ['/health', '/ready']

/** Whether the path of a request, whole as it came, is served without a key. */
export function isOpenPath(path: string): boolean {
  return OPEN_PATHS.some((open) => path.replace(/\/$/, '') === `/api${open}`)
}

/** POST routes that only read: Prefect sends filters in bodies. */
const READS = /\/(?:filter|count|paginate|history|concurrency_status)$/

/** What work must be able to write to be done at all; method and path as the endpoints declare them. */
const WORK_WRITES: ReadonlySet<string> = new Set([
  'POST /work_pools/:name/get_scheduled_flow_runs',
  'POST /work_pools/:pool/workers/heartbeat',
  'POST /work_queues/:id/get_runs',
  'POST /deployments/get_scheduled_flow_runs',
  'POST /flow_runs/:id/set_state',
  'PATCH /flow_runs/:id',
  'PATCH /flow_runs/:id/labels',
  'POST /logs/',
])

/** Pools themselves; what lies under them, such as queues, is for operators. */
const POOL_WRITES = /^(?:POST \/work_pools\/|(?:PATCH|DELETE) \/work_pools\/:\w+)$/

/** Keys, reading them included: who holds which is nobody's business but admins'. */
const KEYS = /^\/api_keys\//

/** The least scope that an endpoint asks for. */
export function scopeNeeded(endpoint: { method: string; path: string }): Scope {
  const { method, path } = endpoint
  if (KEYS.test(path)) return 'admin'
  const name = `${method} ${path}`
  if (method === 'GET' || WORK_WRITES.has(name) || (method === 'POST' && READS.test(path))) return 'work'
  return POOL_WRITES.test(name) ? 'admin' : 'operate'
}

/** True when a key of this scope may do what asks for that scope; each scope holds those before it. */
export function mayDo(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed)
}
