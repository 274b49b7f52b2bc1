import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { api } from '../../support/api.ts'
import { openWorld, type World } from '../../support/world.ts'

/**
 * Puts each of these values in place of every member of a good request, at every depth. The request must be accepted or
 * rejected clearly, and never break the service.
 */
const VALUES: unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e300,
  2 ** 60,
  '',
  ' ',
  'x',
  'a/b',
  '\u0000',
  '\ud800',
  '__proto__',
  'x'.repeat(5_000),
  '2026-02-30',
  '9999-12-31T00:00:00Z',
  '00000000-0000-0000-0000-000000000000',
  [],
  [1],
  [null],
  {},
  { '': 1 },
  nested(50),
]

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) }
}

function* variants(good: unknown): Generator {
  yield* VALUES
  if (Array.isArray(good)) for (const one of good) for (const bad of variants(one)) yield [bad]
  else if (typeof good === 'object' && good !== null) {
    for (const [name, member] of Object.entries(good))
      for (const bad of variants(member)) yield { ...good, [name]: bad }
  }
}

const schedule = {
  schedule: { cron: '0 * * * *', timezone: 'UTC', day_or: true },
  active: true,
  slug: null,
  parameters: {},
}
const state = {
  type: 'SCHEDULED',
  name: 'x',
  message: 'm',
  data: {},
  state_details: { scheduled_time: '2026-01-01', pause_key: 'k', pause_timeout: null, transition_id: null, other: {} },
}
const retry = { retries: 1, retry_delay: 1, pause_keys: [], resuming: false, retry_type: 'reschedule' }
const runBody = {
  name: 'n',
  state: { type: 'SCHEDULED' },
  parameters: {},
  context: {},
  tags: ['t'],
  labels: {},
  job_variables: { command: 'true', env: { A: 'b' }, cpu: 256, memory: 512, image: 'i', timeout_seconds: 5 },
  idempotency_key: 'k',
  parent_task_run_id: null,
  empirical_policy: retry,
  work_queue_name: 'q',
}
const deploymentBody = {
  version: 'v',
  description: 'd',
  paused: true,
  schedules: [schedule],
  concurrency_limit: 1,
  concurrency_options: { collision_strategy: 'ENQUEUE', grace_period_seconds: 60 },
  parameters: {},
  parameter_openapi_schema: {},
  enforce_parameter_schema: true,
  tags: ['t'],
  work_pool_name: 'push',
  work_queue_name: 'q',
  job_variables: runBody.job_variables,
  path: 'p',
  entrypoint: 'e',
  pull_steps: [{}],
  storage_document_id: null,
}
const lists = {
  flows: {
    operator: 'or_',
    id: { any_: [] },
    name: { like_: 'x' },
    tags: { all_: ['t'] },
    deployment: { is_null_: true },
  },
  flow_runs: {
    operator: 'and_',
    id: { not_any_: [] },
    state: { type: { any_: ['RUNNING'] }, name: { not_any_: ['x'] } },
    start_time: { after_: '2026-01-01', is_null_: false },
    deployment_id: { is_null_: false },
  },
  deployments: { paused: { eq_: true }, concurrency_limit: { ge_: 1 } },
  work_pools: { name: { any_: ['push'] } },
  work_pool_queues: { name: { startswith_: ['q'] } },
  limit: 5,
  offset: 0,
}
const logs = { level: { ge_: 1 }, timestamp: { before_: '2026-01-01' }, flow_run_id: { any_: ['$RUN'] } }

/** Lists come first, while there is little to list; they share their filters, so one represents all. */
const REQUESTS: [method: string, path: string, body: unknown][] = [
  ['POST', '/flow_runs/filter', { ...lists, sort: 'ID_DESC' }],
  ['POST', '/flow_runs/paginate', { limit: 2, page: 1, sort: 'NAME_ASC' }],
  ['POST', '/flows/filter', { flows: lists.flows, sort: 'NAME_ASC' }],
  ['POST', '/deployments/paginate', { deployments: lists.deployments, page: 1, sort: 'CREATED_DESC' }],
  [
    'POST',
    '/deployments/get_scheduled_flow_runs',
    { deployment_ids: ['$DEPLOYMENT'], scheduled_before: '2026-01-01', limit: 3 },
  ],
  ['POST', '/logs/', [{ name: 'n', level: 20, message: 'm', timestamp: '2026-01-01', flow_run_id: '$RUN' }]],
  ['POST', '/logs/filter', { logs, limit: 1, sort: 'TIMESTAMP_ASC' }],
  ['POST', '/flows/', { name: 'f', tags: ['t'], labels: { a: 1 } }],
  ['PATCH', '/flows/$FLOW', { tags: ['t'] }],
  ['POST', '/deployments/', { name: 'd', flow_id: '$FLOW', labels: {}, ...deploymentBody }],
  ['PATCH', '/deployments/$DEPLOYMENT', { schedules: [schedule], concurrency_limit: 1, work_queue_name: 'q' }],
  ['POST', '/deployments/$DEPLOYMENT/schedules', [schedule]],
  ['POST', '/deployments/$DEPLOYMENT/create_flow_run', runBody],
  [
    'POST',
    '/flow_runs/',
    { flow_id: '$FLOW', flow_version: 'v', deployment_id: '$DEPLOYMENT', work_pool_name: 'push' },
  ],
  [
    'PATCH',
    '/flow_runs/$RUN',
    { name: 'n', parameters: {}, tags: ['t'], empirical_policy: retry, infrastructure_pid: 'p' },
  ],
  ['PATCH', '/flow_runs/$RUN/labels', { a: 1 }],
  ['POST', '/flow_runs/$RUN/set_state', { state, force: true }],
]

let world: World
let http: ReturnType<typeof api>
const names: Record<string, string> = {}

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  await createWorkPool(world, { name: 'push', type: 'ecs:push' })
  names.$FLOW = (await http.post('/flows/', { name: 'f' })).body.id
  const deployment = { name: 'd', flow_id: names.$FLOW, work_pool_name: 'push', job_variables: { command: 'true' } }
  names.$DEPLOYMENT = (await http.post('/deployments/', deployment)).body.id
  names.$RUN = (await http.post(`/deployments/${names.$DEPLOYMENT}/create_flow_run`)).body.id
})
afterAll(() => world.close())

const fill = (text: string) => text.replaceAll(/\$[A-Z]+/g, (name) => names[name] ?? name)

describe('a bad request', () => {
  it.each(REQUESTS)('is rejected clearly: %s %s', async (method, path, good) => {
    const text = fill(JSON.stringify(good))
    expect((await http.send(method, fill(path), undefined, { rawBody: text })).status).toBeLessThan(300)
    const broken: string[] = []
    for (const bad of variants(JSON.parse(text))) {
      const rawBody = JSON.stringify(bad)
      const { status } = await http.send(method, fill(path), undefined, { rawBody })
      if (status >= 500) broken.push(rawBody.slice(0, 300))
    }
    expect(broken).toEqual([])
  })
})
