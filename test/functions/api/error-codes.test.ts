import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requirePool } from '#shared/engine/work-pool/require-queue.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { api, type Json } from '../../support/api.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
const ids: Record<string, string> = {}

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  await http.post('/work_pools/', { name: 'main', type: 'process' })
  ids.flow = (await http.post('/flows/', { name: 'etl' })).body.id
  const deployment = {
    name: 'nightly',
    flow_id: ids.flow,
    work_pool_name: 'main',
    work_queue_name: 'urgent',
    parameter_openapi_schema: { type: 'object', properties: { day: { type: 'string' } } },
    enforce_parameter_schema: true,
  }
  ids.deployment = (await http.post('/deployments/', deployment)).body.id
  ids.held = (await http.post(`/deployments/${ids.deployment}/create_flow_run`)).body.id
  await http.post(`/flow_runs/${ids.held}/set_state`, { state: { type: 'PENDING' } })
  await http.post('/v2/concurrency_limits/', { name: 'warehouse', limit: 1 })
  await http.post('/v2/concurrency_limits/increment', { names: ['warehouse'], slots: 1 })
  await http.post('/concurrency_limits/', { tag: 'never', concurrency_limit: 0 })
})
afterAll(() => world.close())

const fill = (text: string) => text.replace(/\$(\w+)/g, (_, name: string) => ids[name] ?? '')
const call = async (method: string, path: string, body?: object): Promise<Json> => {
  const { status, body: answer } = await http.send(method, fill(path), body && JSON.parse(fill(JSON.stringify(body))))
  return [status, answer.code]
}

describe('errors that share a status have different codes', () => {
  it.each<[status: number, code: string, method: string, path: string, body?: object]>([
    [409, 'already_exists', 'POST', '/work_pools/', { name: 'main', type: 'process' }],
    [409, 'still_held', 'DELETE', '/work_pools/main'],
    [409, 'still_held', 'DELETE', '/work_pools/main/queues/urgent'],
    [409, 'still_held', 'DELETE', '/flow_runs/$held'],
    [409, 'in_use', 'DELETE', '/flows/$flow'],
    [409, 'schema_mismatch', 'POST', '/deployments/$deployment/create_flow_run', { parameters: { day: 5 } }],
    [409, 'conflict', 'DELETE', '/work_pools/main/queues/default'],
    [409, 'conflict', 'PATCH', '/flow_runs/$held', { job_variables: { command: 'true' } }],
    [403, 'reserved_name', 'POST', '/work_pools/', { name: 'Prefect Cloud', type: 'process' }],
    [404, 'not_found', 'GET', '/work_pools/other'],
    [404, 'no_route', 'GET', '/work_pool/main'],
    [404, 'no_route', 'PUT', '/work_pools/main', {}],
    [422, 'invalid', 'POST', '/work_pools/', { name: 'a/b' }],
    [422, 'not_supported', 'POST', '/automations/', { name: 'restart' }],
    [422, 'not_supported', 'GET', '/csrf-token'],
    [423, 'limit_full', 'POST', '/v2/concurrency_limits/increment', { names: ['warehouse'], slots: 1 }],
    [423, 'limit_zero', 'POST', '/concurrency_limits/increment', { names: ['never'], task_run_id: '$held' }],
    [410, 'gone', 'POST', '/v2/concurrency_limits/leases/$held/renew', { lease_duration: 60 }],
    [
      400,
      'unresolved',
      'POST',
      '/deployments/$deployment/create_flow_run',
      {
        parameters: { day: { __prefect_kind: 'workspace_variable', variable_name: 'missing' } },
      },
    ],
  ])('%i %s for %s %s', async (status, code, method, path, body) => {
    expect(await call(method, path, body)).toEqual([status, code])
  })

  it('a body that is not JSON, and an unsupported version', async () => {
    const bad = await http.post('/flows/', {}, { rawBody: '{' })
    expect([bad.status, bad.body.code]).toEqual([400, 'malformed'])
    const old = await http.get('/hello', { headers: { 'x-prefect-api-version': '0.1.0' } })
    expect([old.status, old.body.code]).toEqual([400, 'unsupported_version'])
  })

  it('a deployment to a queue that is being deleted', async () => {
    await http.post('/work_pools/', { name: 'leaving', type: 'process' })
    const pool = await requirePool(world, 'leaving')
    await markDeleting(world.table, poolLimit(pool.id), { kind: 'pool', ...pool }, world.clock.now())
    const place = { work_pool_name: 'leaving' }
    expect(await call('PATCH', '/deployments/$deployment', place)).toEqual([409, 'being_deleted'])
    expect(await call('PATCH', '/work_pools/leaving', { is_paused: true })).toEqual([409, 'being_deleted'])
  })
})
