import { afterAll, beforeAll, expect, it } from 'vitest'
import { mayDo, SCOPES, scopeNeeded } from '../../../shared/api-key/scope.ts'
import { ENDPOINTS, pathOf } from '../../../shared/contract/endpoints.ts'
import { api } from '../../support/api.ts'
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
const named = ENDPOINTS.map((endpoint) => ({ name: `${endpoint.method} ${endpoint.path}`, endpoint }))
const open = ['/health', '/ready']

it.each(named)('$name asks for a key and for its scope', async ({ endpoint }) => {
  const { method } = endpoint
  const call = (scope?: string) =>
    http.send(method, callOf(endpoint), method === 'GET' ? undefined : {}, {
      authorizer: scope ? { scope } : undefined,
    })
  const without = await call()
  if (open.includes(endpoint.path)) return expect(without.status).toBe(200)
  expect(without.status).toBe(401)
  expect(without.body.exception_message).toBe('Unauthorized')
  expect((await call('root')).status).toBe(401)
  const needed = scopeNeeded(endpoint)
  for (const scope of SCOPES) {
    const { status } = await call(scope)
    if (mayDo(scope, needed)) expect([401, 403]).not.toContain(status)
    else expect(status).toBe(403)
  }
})

const needing = (scope: string) =>
  ENDPOINTS.filter((endpoint) => scopeNeeded(endpoint) === scope).map(({ method, path }) => `${method} ${path}`)

it('lets a work key write just what work needs', () => {
  const reads = /^GET |\/(filter|count|paginate|concurrency_status)$/
  expect(
    needing('work')
      .filter((name) => !reads.test(name))
      .toSorted(),
  ).toEqual([
    'PATCH /flow_runs/:id',
    'PATCH /flow_runs/:id/labels',
    'POST /deployments/get_scheduled_flow_runs',
    'POST /flow_runs/:id/set_state',
    'POST /logs/',
    'POST /work_pools/:name/get_scheduled_flow_runs',
    'POST /work_pools/:pool/workers/heartbeat',
    'POST /work_queues/:id/get_runs',
  ])
})

it('keeps work pools for admins', () => {
  expect(needing('admin').toSorted()).toEqual([
    'DELETE /work_pools/:name',
    'PATCH /work_pools/:name',
    'POST /work_pools/',
  ])
})
