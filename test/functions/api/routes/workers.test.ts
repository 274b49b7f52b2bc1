import { afterEach, beforeEach, expect, it } from 'vitest'
import { api } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
beforeEach(async () => {
  world = await openWorld()
  http = api(world)
  await http.post('/work_pools/', { name: 'p', type: 'process' })
})
afterEach(() => world.close())

const beat = async (name: string, rest: object = {}) =>
  await http.post('/work_pools/p/workers/heartbeat', { name, ...rest })
const workers = async (filter?: object) => (await http.post('/work_pools/p/workers/filter', { workers: filter })).body

it('lists a worker from its first heartbeat on', async () => {
  expect((await beat('w 1', { heartbeat_interval_seconds: 10, metadata: { a: 1 }, return_id: true })).status).toBe(204)
  world.clock.pass(5)
  await beat('w 1', { heartbeat_interval_seconds: 20 })
  const [worker, ...rest] = await workers()
  expect(rest).toEqual([])
  expect(worker).toMatchObject({ name: 'w 1', heartbeat_interval_seconds: 20, status: 'ONLINE' })
  expect(worker.created < worker.last_heartbeat_time).toBe(true)
})

it('shows a worker as OFFLINE after three missed heartbeats, of its own interval or 30 seconds', async () => {
  await beat('quick', { heartbeat_interval_seconds: 10 })
  await beat('plain', { heartbeat_interval_seconds: null })
  const online = async () =>
    (await workers({ status: { any_: ['ONLINE'] } })).map((worker: { name: string }) => worker.name)
  world.clock.pass(29)
  expect(await online()).toEqual(['plain', 'quick'])
  world.clock.pass(2)
  expect(await online()).toEqual(['plain'])
  world.clock.pass(60)
  expect(await online()).toEqual([])
  expect(await workers({ status: { not_any_: ['ONLINE'] } })).toHaveLength(2)
})

it('lists workers by latest heartbeat, in pages', async () => {
  for (const name of ['a', 'b', 'c']) await beat(name)
  const page = await http.post('/work_pools/p/workers/filter', { limit: 2, offset: 1 })
  expect(page.body.map((worker: { name: string }) => worker.name)).toEqual(['b', 'a'])
})

it('deletes a worker', async () => {
  await beat('w')
  expect((await http.delete('/work_pools/p/workers/w')).status).toBe(204)
  expect((await http.delete('/work_pools/p/workers/w')).status).toBe(404)
  expect(await workers()).toEqual([])
})

it('answers 404 for a missing pool and 422 for an invalid name', async () => {
  expect((await http.post('/work_pools/none/workers/heartbeat', { name: 'w' })).status).toBe(404)
  expect((await http.post('/work_pools/none/workers/filter')).status).toBe(404)
  expect((await http.delete('/work_pools/none/workers/w')).status).toBe(404)
  expect((await beat('')).status).toBe(422)
  expect((await beat('x'.repeat(256))).status).toBe(422)
  expect((await beat('w', { heartbeat_interval_seconds: 0 })).status).toBe(422)
  expect(await workers()).toEqual([])
})
