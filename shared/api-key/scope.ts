import { isRecord } from '#shared/json.ts'

/**
 * What a key may do. `work` is for workers, agents and the flows that they start: poll, say how work goes, write logs,
 * read. `operate` adds runs, deployments and queues, and the variables and blocks that other jobs are made from: who could
 * write those could redirect the jobs. `admin` adds work pools, which decide what may run where, and API keys.
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
  'POST /flows/',
  'POST /flow_runs/',
  'POST /flow_runs/:id/set_state',
  'PATCH /flow_runs/:id',
  'PATCH /flow_runs/:id/labels',
  'POST /flow_runs/:id/input',
  'DELETE /flow_runs/:id/input/:key',
  'POST /task_runs/',
  'PATCH /task_runs/:id',
  'POST /task_runs/:id/set_state',
  'POST /logs/',
  'POST /artifacts/',
  'PATCH /artifacts/:id',
  'POST /v2/concurrency_limits/increment',
  'POST /v2/concurrency_limits/increment-with-lease',
  'POST /v2/concurrency_limits/leases/:id/renew',
  'POST /v2/concurrency_limits/decrement',
  'POST /v2/concurrency_limits/decrement-with-lease',
  'POST /concurrency_limits/increment',
  'POST /concurrency_limits/decrement',
])

/** Pools themselves; what lies under them, such as queues, is for operators. */
const POOL_WRITES = /^(?:POST \/work_pools\/|(?:PATCH|DELETE) \/work_pools\/:\w+)$/

/** Keys, reading them included: who holds which is nobody's business but admins'. */
const KEYS = /^\/api_keys\//

/**
 * Members of bodies that take more than work asks for: what sends a run to where others start it (one without any of
 * these, such as a subflow's, is in its caller's process), and what decides what a waiting run will do. Workers and
 * engines change a run's name, version, policy and process alone.
 */
const OPERATES: Record<string, readonly string[]> = {
  'POST /flow_runs/': ['deployment_id', 'work_pool_name', 'work_queue_name'],
  'PATCH /flow_runs/:id': ['job_variables', 'parameters'],
}

/** The least scope that an endpoint asks for, or a request to it, once its body is known. */
export function scopeNeeded(endpoint: { method: string; path: string }, body?: unknown): Scope {
  const { method, path } = endpoint
  if (KEYS.test(path)) return 'admin'
  const name = `${method} ${path}`
  if (isRecord(body) && OPERATES[name]?.some((member) => body[member] !== undefined)) return 'operate'
  if (method === 'GET' || WORK_WRITES.has(name) || (method === 'POST' && READS.test(path))) return 'work'
  return POOL_WRITES.test(name) ? 'admin' : 'operate'
}

/** True when a key of this scope may do what asks for that scope; each scope holds those before it. */
export function mayDo(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed)
}
