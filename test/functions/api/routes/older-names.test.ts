import { afterAll, beforeAll, expect, it } from 'vitest'
import { saveDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { ensureFlow } from '#shared/engine/flow/ensure-flow.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { recordHeartbeat } from '#shared/storage/work-pool/record-heartbeat.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
})
afterAll(() => world.close())

/** Names that were allowed before there was one rule for all. */
const OLDER = [' outer ', 'ｐｒｏｄ', 'prоd', 'zero\u200bwidth', 'e\u0301', 'a\u00a0b']

it.each(OLDER)('a pool, a queue and a worker that are named %j are listed, read and deleted', async (name) => {
  const path = `/work_pools/${encodeURIComponent(name)}`
  expect((await http.post('/work_pools/', { name })).status).toBe(422)
  const pool = await createWorkPool(world, { name, type: 'process' })
  await createWorkQueue(world, name, { name })
  await recordHeartbeat(world.table, { poolId: pool.id, name, intervalSeconds: 30, now: world.clock.now() })

  const names = (reply: { body: Json }) => reply.body.map((each: Json) => each.name)
  expect(names(await http.post('/work_pools/filter'))).toContain(name)
  expect(names(await http.post(`${path}/queues/filter`))).toContain(name)
  expect(names(await http.post(`${path}/workers/filter`))).toEqual([name])
  expect((await http.get(path)).body).toMatchObject({ name })
  expect((await http.patch(path, { description: 'changed' })).status).toBe(204)
  expect((await http.get(`${path}/queues/${encodeURIComponent(name)}`)).body).toMatchObject({ name })
  expect((await http.delete(`${path}/workers/${encodeURIComponent(name)}`)).status).toBe(204)
  expect((await http.delete(`${path}/queues/${encodeURIComponent(name)}`)).status).toBe(204)
  expect((await http.delete(path)).status).toBe(204)
})

it.each(OLDER)('runs of a deployment in a pool and a queue that are named %j are handed out', async (name) => {
  await createWorkPool(world, { name, type: 'process' })
  const { flow } = await ensureFlow(world, { name, tags: [], labels: {} })
  const change = { poolName: name, queueName: name }
  const { deployment } = await saveDeployment(world, { flowId: flow.id, name, change, schedules: [] })
  const run = await http.post(`/deployments/${deployment.id}/create_flow_run`)
  expect(run).toMatchObject({ status: 201, body: { work_pool_name: name, work_queue_name: name } })

  const polled = await http.post(`/work_pools/${encodeURIComponent(name)}/get_scheduled_flow_runs`, {
    work_queue_names: [name],
    scheduled_before: '2100-01-01T00:00:00Z',
  })
  expect(polled.body.map((each: Json) => each.flow_run.id)).toEqual([run.body.id])
  expect((await http.patch(`/deployments/${deployment.id}`, { description: 'changed' })).status).toBe(204)
  const byName = `/deployments/name/${encodeURIComponent(name)}/${encodeURIComponent(name)}`
  expect((await http.get(byName)).body).toMatchObject({ id: deployment.id, description: 'changed' })
  expect((await http.delete(`/deployments/${deployment.id}`)).status).toBe(204)
})

it('a heartbeat under a name that is refused says what is wrong with it', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process' })
  const beat = (name: string) => http.post('/work_pools/p/workers/heartbeat', { name })
  for (const [name, problem] of [
    ['..', 'must not be . or .., nor hold them between backslashes'],
    ['a/b', 'must not contain any of / % & > < ?'],
    ['w ', 'must not begin or end with white space'],
  ] as const) {
    expect(await beat(name)).toMatchObject({ status: 422, body: { detail: `body.name: ${problem}` } })
  }
  expect((await beat('ProcessWorker 0c3f1d1e-7a9b-4c5d-8e6f-0123456789ab')).status).toBe(204)
})
