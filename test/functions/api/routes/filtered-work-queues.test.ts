import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

/** Queues of Prefect 2 that select runs by tags and deployments, wherever they wait. */
let world: World
let http: ReturnType<typeof api>
let flowId: string
/** In a pool, and without one. */
let pooled: string
let served: string
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
  await createWorkPool(world, { name: 'pull', type: 'process' })
  pooled = (await http.post('/deployments/', { name: 'pooled', flow_id: flowId, work_pool_name: 'pull' })).body.id
  served = (await http.post('/deployments/', { name: 'served', flow_id: flowId })).body.id
})
afterAll(() => world.close())

let queues = 0
const queueOf = async (filter: Json, more: Json = {}) => {
  queues += 1
  return (await http.post('/work_queues/', { name: `q${queues}`, filter, ...more })).body
}
const poll = async (queueId: string, body: Json = {}) =>
  (await http.post(`/work_queues/${queueId}/get_runs`, body)).body.map(({ id }: Json) => id)
const run = async (deploymentId: string, tags: string[], dueInSeconds = 0) => {
  const scheduled_time = formatInstant(addSeconds(world.clock.now(), dueInSeconds))
  const state = { type: 'SCHEDULED', state_details: { scheduled_time } }
  return (await http.post(`/deployments/${deploymentId}/create_flow_run`, { tags, state })).body.id as string
}
const setState = async (id: string, type: string) =>
  (await http.post(`/flow_runs/${id}/set_state`, { state: { type } })).body.status

let tag: string
beforeEach(() => {
  tag = `tag-${world.ids.token()}`
})

it('stores, shows, changes and clears its filter', async () => {
  const filter = { tags: ['a'], deployment_ids: [pooled] }
  const queue = await queueOf(filter)
  expect(queue.filter).toEqual(filter)
  await http.patch(`/work_queues/${queue.id}`, { filter: { tags: ['b'] } })
  expect((await http.get(`/work_queues/${queue.id}`)).body.filter).toEqual({ tags: ['b'] })
  await http.patch(`/work_queues/${queue.id}`, { filter: null })
  expect((await http.get(`/work_queues/${queue.id}`)).body.filter).toBeNull()
})

it('finds the runs with all its tags, in any pool, by due time', async () => {
  const late = await run(pooled, [tag, 'x'], -10)
  const early = await run(served, ['x', tag], -20)
  await run(pooled, [tag])
  await http.post('/flow_runs/', { flow_id: flowId, tags: [tag, 'x'], state: { type: 'SCHEDULED' } })
  const { id } = await queueOf({ tags: [tag, 'x'] })
  expect(await poll(id)).toEqual([early, late])
  expect(await poll(id, { limit: 1 })).toEqual([early])
  const before = formatInstant(addSeconds(world.clock.now(), -15))
  expect(await poll(id, { scheduled_before: before })).toEqual([early])
})

it.each([{ work_pool_name: 'pull' }, {}])('finds a run that waited for a limit once that has room', async (place) => {
  const body = { name: `limited-${world.ids.token()}`, flow_id: flowId, concurrency_limit: 1, ...place }
  const limited = (await http.post('/deployments/', body)).body.id
  const [first, second] = [await run(limited, [tag], -2), await run(limited, [tag], -1)]
  const { id } = await queueOf({ tags: [tag] })
  await setState(first, 'PENDING')
  expect([await setState(second, 'PENDING'), await poll(id)]).toEqual(['REJECT', []])
  await setState(first, 'CANCELLED')
  expect([await poll(id), await setState(second, 'PENDING')]).toEqual([[second], 'ACCEPT'])
})

it('finds only the runs of its deployments', async () => {
  const wanted = await run(served, [tag])
  await run(pooled, [tag])
  const { id } = await queueOf({ tags: [tag], deployment_ids: [served] })
  expect(await poll(id)).toEqual([wanted])
})

it('hands out no more than its limit allows, whoever started the runs, and none while paused', async () => {
  const runs = [await run(pooled, [tag], -3), await run(pooled, [tag], -2), await run(pooled, [tag], -1)]
  const { id } = await queueOf({ tags: [tag] }, { concurrency_limit: 2 })
  expect(await poll(id)).toEqual(runs.slice(0, 2))
  expect(await setState(runs[2] ?? '', 'PENDING')).toBe('ACCEPT')
  expect(await poll(id)).toEqual(runs.slice(0, 1))
  expect(await setState(runs[0] ?? '', 'PENDING')).toBe('ACCEPT')
  expect(await poll(id)).toEqual([])
  expect(await setState(runs[2] ?? '', 'CRASHED')).toBe('ACCEPT')
  await http.patch(`/work_queues/${id}`, { is_paused: true })
  expect(await poll(id)).toEqual([])
  await http.patch(`/work_queues/${id}`, { is_paused: false })
  expect(await poll(id)).toEqual(runs.slice(1, 2))
})
