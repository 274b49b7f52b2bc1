import { afterAll, beforeAll, expect, it } from 'vitest'
import { mayDo, SCOPES, type Scope } from '#shared/api-key/scope.ts'
import { ENDPOINTS, OPERATIONS } from '#shared/contract/endpoints.ts'
import { buildOpenApi, documentPath } from '#shared/contract/openapi.ts'
import { api, type Json } from '../../support/api.ts'
import { pathOf } from '../../support/path-of.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
beforeAll(async () => {
  world = await openWorld()
  world.settings.requireKeys = true
  http = api(world)
})
afterAll(() => world.close())

const ID = '00000000-0000-4000-8000-000000000000'
const callOf = (endpoint: (typeof ENDPOINTS)[number]) => {
  const names = [...endpoint.path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '')
  return pathOf(endpoint, Object.fromEntries(names.map((name) => [name, ID])))
}
const open = ['/health', '/ready']
const document: Json = buildOpenApi()
/** Each operation with its entry in the OpenAPI document. */
const operations = OPERATIONS.map(({ name, endpoint }) => ({
  name,
  endpoint,
  said: document.paths[documentPath(endpoint.path)][endpoint.method.toLowerCase()],
}))
const closed = operations.filter(({ endpoint }) => !open.includes(endpoint.path))

const statusOf = async (endpoint: (typeof ENDPOINTS)[number], scope?: string) => {
  const body = endpoint.method === 'GET' ? undefined : {}
  const authorizer = scope ? { scope } : undefined
  return (await http.send(endpoint.method, callOf(endpoint), body, { authorizer })).status
}

it.each(open)('%s needs no key', async (path) => {
  expect((await http.get(path)).status).toBe(200)
})

it('documents exactly those operations as needing no key', () => {
  const without = operations.filter(({ said }) => said.security !== undefined)
  expect(without.map(({ endpoint }) => endpoint.path).toSorted()).toEqual(open)
  for (const { said } of without) expect(said).toMatchObject({ security: [] })
})

it('rejects a caller without a key as Prefect does', async () => {
  const { status, body } = await http.get('/hello')
  expect(status).toBe(401)
  expect(body.exception_message).toBe('Unauthorized')
})

it.each(['/nothing', '/health/x', '//health', '', '/', '/../health', '/%68ealth/x'])(
  'rejects a caller without a key at %j, whether or not anything is served there',
  async (path) => {
    expect((await http.get(path)).status).toBe(401)
    expect((await http.send('PUT', path, {})).status).toBe(401)
  },
)

it('reports that a key could not be looked up, so that clients retry', async () => {
  const { status, headers } = await http.get('/hello', { authorizer: { keyUnread: true } })
  expect(status).toBe(503)
  expect(headers.get('retry-after')).toBe('1')
  expect((await http.get('/health', { authorizer: { keyUnread: true } })).status).toBe(200)
  // Never instead of a scope.
  expect((await http.get('/hello', { authorizer: { keyUnread: true, scope: 'root' } })).status).toBe(503)
})

it.each(closed)('$name needs a key of its documented scope', async ({ endpoint, said }) => {
  expect(await statusOf(endpoint)).toBe(401)
  expect(await statusOf(endpoint, 'root')).toBe(401)
  const needed = said['x-required-scope'] as Scope
  expect(said.description).toContain(`needs a key of scope \`${needed}\``)
  for (const scope of SCOPES) {
    const status = await statusOf(endpoint, scope)
    expect(status).not.toBe(401)
    expect(status === 403).toBe(!mayDo(scope, needed))
  }
})

it('documents which bodies need more than their operation does', () => {
  const described = closed.filter(({ said }) => said.description.includes('A body with'))
  expect(Object.fromEntries(described.map(({ name, said }) => [name, said.description]))).toEqual({
    createFlowRun:
      'This needs a key of scope `work` or wider. A body with `deployment_id`, `work_pool_name`, or `work_queue_name` ' +
      'needs a key of scope `operate` or wider.',
    updateFlowRun:
      'This needs a key of scope `work` or wider. A body with `job_variables` or `parameters` ' +
      'needs a key of scope `operate` or wider.',
  })
})

const needing = (scope: string) =>
  ENDPOINTS.filter((endpoint) => endpoint.scope === scope).map(({ method, path }) => `${method} ${path}`)

it('lets a work key write only what work needs', () => {
  const reads = /^GET |\/(filter|count|paginate|explain|concurrency_status)$/
  expect(
    needing('work')
      .filter((name) => !reads.test(name))
      .toSorted(),
  ).toEqual([
    'DELETE /flow_runs/:id/input/:key',
    'PATCH /artifacts/:id',
    'PATCH /flow_runs/:id',
    'PATCH /flow_runs/:id/labels',
    'PATCH /task_runs/:id',
    'POST /artifacts/',
    'POST /concurrency_limits/decrement',
    'POST /concurrency_limits/increment',
    'POST /deployments/get_scheduled_flow_runs',
    'POST /flow_runs/',
    'POST /flow_runs/:id/input',
    'POST /flow_runs/:id/set_state',
    'POST /flows/',
    'POST /logs/',
    'POST /task_runs/',
    'POST /task_runs/:id/set_state',
    'POST /v2/concurrency_limits/decrement',
    'POST /v2/concurrency_limits/decrement-with-lease',
    'POST /v2/concurrency_limits/increment',
    'POST /v2/concurrency_limits/increment-with-lease',
    'POST /v2/concurrency_limits/leases/:id/renew',
    'POST /work_pools/:name/claim',
    'POST /work_pools/:name/get_scheduled_flow_runs',
    'POST /work_pools/:pool/workers/heartbeat',
    'POST /work_queues/:id/get_runs',
  ])
})

it.each([
  { member: 'deployment_id', value: ID },
  { member: 'work_pool_name', value: 'p' },
  { member: 'work_queue_name', value: 'q' },
])('lets a work key create runs in its own process, but none with a $member', async ({ member, value }) => {
  const create = async (body: object, scope: string) =>
    (await http.post('/flow_runs/', { flow_id: ID, ...body }, { authorizer: { scope } })).status
  expect(await create({}, 'work')).toBe(404)
  expect(await create({ [member]: null }, 'work')).toBe(404)
  expect(await create({ [member]: value }, 'work')).toBe(403)
  expect(await create({ [member]: value }, 'operate')).toBe(404)
})

it.each([
  { member: 'job_variables', value: { command: 'steal' } },
  { member: 'parameters', value: { path: '/' } },
])('lets a work key report on its run, but not change its $member', async ({ member, value }) => {
  const change = async (body: object, scope: string) =>
    (await http.patch(`/flow_runs/${ID}`, body, { authorizer: { scope } })).status
  const engine = { flow_version: '1', empirical_policy: { retries: 1 }, name: 'n', infrastructure_pid: 'h:1' }
  expect(await change({ ...engine, [member]: null }, 'work')).toBe(404)
  expect(await change({ [member]: value }, 'work')).toBe(403)
  expect(await change({ [member]: value }, 'operate')).toBe(404)
})

it('reserves work pools and keys for admins', () => {
  expect(needing('admin').toSorted()).toEqual([
    'DELETE /api_keys/:id',
    'DELETE /work_pools/:name',
    'PATCH /work_pools/:name',
    'POST /api_keys/',
    'POST /api_keys/filter',
    'POST /work_pools/',
  ])
})
