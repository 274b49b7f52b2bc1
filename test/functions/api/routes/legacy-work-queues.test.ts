import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { idFromName } from '#shared/ids.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import { api } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
beforeEach(async () => {
  world = await openWorld()
  http = api(world)
})
afterEach(() => world.close())

const NOWHERE = '00000000-0000-4000-8000-000000000000'

async function runIn(queue: { id: string; work_pool_id: string }, dueInSeconds = 0) {
  const scheduledTime = addSeconds(world.clock.now(), dueInSeconds)
  const target = { poolId: queue.work_pool_id, queueId: queue.id }
  const state = { type: 'SCHEDULED' as const, details: { scheduledTime } }
  return (await createFlowRun(world, { flowId: idFromName('flow', 'f'), state }, { queue: target })).run
}

it('creates a queue for an agent, and the default agent pool with it', async () => {
  const given = {
    name: 'Q',
    description: null,
    is_paused: false,
    concurrency_limit: null,
    priority: null,
    filter: null,
  }
  const { status, body } = await http.post('/work_queues/', given)
  expect(status).toBe(201)
  expect(body).toMatchObject({ name: 'Q', work_pool_name: 'default-agent-pool', priority: 2, description: '' })
  expect((await http.get('/work_pools/default-agent-pool')).body).toMatchObject({ type: 'prefect-agent', status: null })
  expect((await http.post('/work_queues/', given)).status).toBe(409)
  expect((await http.get('/work_queues/name/Q')).body).toEqual(body)
  expect((await http.get(`/work_queues/${body.id}`)).body).toEqual(body)
})

it('finds queues of any pool by id, and only those of the agent pool by name', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process' })
  const queue = (await http.post('/work_pools/p/queues', { name: 'q' })).body
  expect((await http.get(`/work_queues/${queue.id.toUpperCase()}`)).body).toEqual(queue)
  expect((await http.get('/work_queues/name/q')).status).toBe(404)
  expect((await http.get(`/work_queues/${NOWHERE}`)).status).toBe(404)
  expect((await http.get('/work_queues/not-a-uuid')).status).toBe(404)
})

it('updates and deletes a queue by id', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process' })
  const { id } = (await http.post('/work_pools/p/queues', { name: 'q' })).body
  expect((await http.patch(`/work_queues/${id}`, { concurrency_limit: 4 })).status).toBe(204)
  expect((await http.get(`/work_queues/${id}`)).body.concurrency_limit).toBe(4)
  expect((await http.patch(`/work_queues/${id}`, { name: 'r' })).status).toBe(204)
  expect((await http.patch(`/work_queues/${NOWHERE}`, { is_paused: true })).status).toBe(404)
  expect((await http.delete(`/work_queues/${id}`)).status).toBe(204)
  expect((await http.delete(`/work_queues/${id}`)).status).toBe(404)
  const fallback = (await http.get('/work_pools/p/queues/default')).body
  expect((await http.delete(`/work_queues/${fallback.id}`)).status).toBe(409)
})

it('lists the queues of all pools by name', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process' })
  await http.post('/work_pools/p/queues', { name: 'b' })
  await http.post('/work_queues/', { name: 'a' })
  const names = async (body: object) =>
    (await http.post('/work_queues/filter', body)).body.map((queue: { name: string }) => queue.name)
  expect(await names({})).toEqual(['a', 'b', 'default', 'default'])
  expect(await names({ work_queues: { name: { startswith_: ['A'] } } })).toEqual(['a'])
  expect(await names({ limit: 1, offset: 1 })).toEqual(['b'])
})

it('hands an agent the runs of its queue by due time, and records the poll', async () => {
  const queue = (await http.post('/work_queues/', { name: 'Q' })).body
  const [later, now] = [await runIn(queue, 5), await runIn(queue)]
  await runIn(queue, 600)
  const poll = { limit: 10, scheduled_before: formatInstant(addSeconds(world.clock.now(), 15)) }
  const seen = await http.post(`/work_queues/${queue.id}/get_runs`, poll, { headers: { 'X-Prefect-UI': 'true' } })
  expect(seen.body.map((run: { id: string }) => run.id)).toEqual([now.id, later.id])
  expect((await http.get(`/work_queues/${queue.id}`)).body.last_polled).toBeNull()
  const { body } = await http.post(`/work_queues/${queue.id}/get_runs`, { ...poll, limit: 1 })
  expect(body).toHaveLength(1)
  expect(body[0]).toMatchObject({
    work_queue_name: 'Q',
    work_pool_name: 'default-agent-pool',
    state: { type: 'SCHEDULED' },
  })
  expect(body[0].next_scheduled_start_time).not.toBeNull()
  expect((await http.get(`/work_queues/${queue.id}`)).body).toMatchObject({ status: 'READY' })
  expect((await http.post(`/work_queues/${NOWHERE}/get_runs`)).status).toBe(404)
})

it('is healthy while it is polled and nothing is late', async () => {
  const queue = (await http.post('/work_queues/', { name: 'Q' })).body
  const status = async () => (await http.get(`/work_queues/${queue.id}/status`)).body
  expect(await status()).toEqual({
    healthy: false,
    late_runs_count: 0,
    last_polled: null,
    health_check_policy: { maximum_late_runs: 0, maximum_seconds_since_last_polled: 60 },
  })
  await http.post(`/work_queues/${queue.id}/get_runs`)
  expect(await status()).toMatchObject({ healthy: true })
  await runIn(queue)
  world.clock.pass(16)
  expect(await status()).toMatchObject({ healthy: false, late_runs_count: 1 })
  expect((await http.get(`/work_queues/${NOWHERE}/status`)).status).toBe(404)
})
