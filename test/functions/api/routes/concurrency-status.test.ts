import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { idFromName } from '#shared/ids.ts'
import { api, type api as openApi } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof openApi>
beforeEach(async () => {
  world = await openWorld()
  http = api(world)
  await http.post('/work_pools/', { name: 'p', type: 'process', concurrency_limit: 10 })
})
afterEach(() => world.close())

async function hold(queue: { id: string; work_pool_id: string }, count: number) {
  const target = { poolId: queue.work_pool_id, queueId: queue.id }
  for (let n = 0; n < count; n += 1) {
    const { run } = await createFlowRun(world, { flowId: idFromName('flow', 'f') }, { queue: target })
    await setState(world, run.id, { type: 'PENDING' })
  }
}

it('shows who holds the slots of a pool, queue by queue', async () => {
  const [fallback, other] = [
    (await http.get('/work_pools/p/queues/default')).body,
    (await http.post('/work_pools/p/queues', { name: 'other', concurrency_limit: 5 })).body,
  ]
  await hold(fallback, 1)
  await hold(other, 3)
  world.clock.pass(7)
  const { body } = await http.post('/work_pools/p/concurrency_status', { page: 1, flow_run_limit: 2 })
  expect(body).toMatchObject({ active_slots: 4, concurrency_limit: 10, count: 2, limit: 200, pages: 1, page: 1 })
  expect(body.queues).toMatchObject([
    { queue_name: 'default', active_slots: 1, concurrency_limit: null, flow_run_count: 1 },
    { queue_name: 'other', active_slots: 3, concurrency_limit: 5, flow_run_count: 3 },
  ])
  expect(body.queues[1].flow_runs).toHaveLength(2)
  expect(body.queues[0].flow_runs[0]).toMatchObject({ state_type: 'PENDING', state_name: 'Pending', start_time: null })
  expect(body.queues[0].flow_runs[0].time_in_current_state).toBeGreaterThan(6)
  const second = await http.post('/work_pools/p/concurrency_status', { page: 2, limit: 1 })
  expect(second.body).toMatchObject({ pages: 2, page: 2, queues: [{ queue_name: 'other' }] })
  expect((await http.post('/work_pools/p/concurrency_status', { limit: 0 })).body).toMatchObject({
    pages: 0,
    queues: [],
  })
  expect((await http.post('/work_pools/none/concurrency_status')).status).toBe(404)
})

it('shows who holds the slots of a queue, page by page', async () => {
  const queue = (await http.post('/work_pools/p/queues', { name: 'q', concurrency_limit: 5 })).body
  await hold(queue, 3)
  const page = async (number: number) =>
    (await http.post(`/work_queues/${queue.id}/concurrency_status`, { page: number, limit: 2 })).body
  const [first, second] = [await page(1), await page(2)]
  expect(first).toMatchObject({ queue_id: queue.id, active_slots: 3, concurrency_limit: 5, count: 3, pages: 2 })
  expect([first.flow_runs.length, second.flow_runs.length]).toEqual([2, 1])
  expect(new Set([...first.flow_runs, ...second.flow_runs].map((run) => run.id)).size).toBe(3)
})
