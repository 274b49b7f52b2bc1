/**
 * What a key may do. `work` is for workers, agents and the flows that they start: poll, say how work goes, write logs,
 * read. `operate` adds runs, deployments and queues. `admin` adds work pools, which decide what may run where.
 */
export const SCOPES = ['work', 'operate', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** Served without a key, so that load balancers and clients can ask. */
export const OPEN_PATHS: readonly string[] = ['/health', '/ready']

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

/** The least scope that an endpoint asks for. */
export function scopeNeeded(endpoint: { method: string; path: string }): Scope {
  const { method, path } = endpoint
  const name = `${method} ${path}`
  if (method === 'GET' || WORK_WRITES.has(name) || (method === 'POST' && READS.test(path))) return 'work'
  return POOL_WRITES.test(name) ? 'admin' : 'operate'
}

/** True when a key of this scope may do what asks for that scope; each scope holds those before it. */
export function mayDo(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed)
}
