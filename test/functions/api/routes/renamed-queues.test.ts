import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { queueNameKey } from '#shared/storage/dynamo/table.ts'
import { poolIdOf } from '#shared/work-pool/work-pool.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
let flowId: string
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
})
afterAll(() => world.close())

let pools = 0
/** A pool of its own for each test, with a queue that has a limit, a deployment and a waiting run. */
let pool: string
let queue: Json
let deployment: string
let run: string
beforeEach(async () => {
  pools += 1
  pool = `pool-${pools}`
  await http.post('/work_pools/', { name: pool, type: 'process' })
  queue = (await create('first', { concurrency_limit: 1 })).body
  const wanted = { name: `d-${pools}`, flow_id: flowId, work_pool_name: pool, work_queue_name: 'first' }
  deployment = (await http.post('/deployments/', wanted)).body.id
  run = (await http.post(`/deployments/${deployment}/create_flow_run`)).body.id
})

const create = (name: string, rest: Json = {}) => http.post(`/work_pools/${pool}/queues`, { name, ...rest })
const read = (name: string) => http.get(`/work_pools/${pool}/queues/${name}`)
const rename = async (from: string, to: string) =>
  (await http.patch(`/work_pools/${pool}/queues/${from}`, { name: to })).status
const aliases = async () =>
  (await queryAll(world.table, { keyCondition: '#pk = :pk', values: { pk: queueNameKey(poolIdOf(pool), '').pk } }))
    .length

it('a renamed queue keeps its id, its limit, its runs and its deployments', async () => {
  expect(await rename('first', 'second')).toBe(204)
  expect((await read('second')).body).toMatchObject({ id: queue.id, name: 'second', concurrency_limit: 1 })
  expect((await http.get(`/work_queues/${queue.id}`)).body.name).toBe('second')
  expect((await read('first')).status).toBe(404)
  expect((await http.get(`/flow_runs/${run}`)).body).toMatchObject({
    work_queue_id: queue.id,
    work_queue_name: 'second',
  })
  expect((await http.get(`/deployments/${deployment}`)).body.work_queue_name).toBe('second')
  const another = await http.post(`/deployments/${deployment}/create_flow_run`, { work_queue_name: 'second' })
  expect(another.body.work_queue_id).toBe(queue.id)
})

it('workers, filters and flows find it under its new name, and no longer under its old one', async () => {
  await rename('first', 'second')
  const poll = (name: string) => http.post(`/work_pools/${pool}/get_scheduled_flow_runs`, { work_queue_names: [name] })
  expect((await poll('second')).body.map((row: Json) => row.flow_run.id)).toEqual([run])
  expect((await poll('first')).status).toBe(404)
  const found = async (name: string) => {
    const deployments = await http.post('/deployments/filter', { deployments: { work_queue_name: { any_: [name] } } })
    const runs = await http.post('/flow_runs/filter', { work_pool_queues: { name: { any_: [name] } } })
    const mine = (rows: Json[]) => rows.filter(({ work_pool_name: of }) => of === pool).map(({ id }) => id)
    return [mine(deployments.body), mine(runs.body)]
  }
  expect(await found('second')).toEqual([[deployment], [run]])
  expect(await found('first')).toEqual([[], []])
  const direct = await http.post('/flow_runs/', { flow_id: flowId, work_pool_name: pool, work_queue_name: 'second' })
  expect(direct.body.work_queue_id).toBe(queue.id)
})

it('the old name is free: a new queue of that name is another one, and each keeps its own', async () => {
  await rename('first', 'second')
  const next = (await create('first')).body
  expect(next.id).not.toBe(queue.id)
  expect((await read('first')).body.id).toBe(next.id)
  expect((await read('second')).body.id).toBe(queue.id)
  expect(await rename('first', 'third')).toBe(204)
  expect(await rename('second', 'first')).toBe(204)
  expect([(await read('first')).body.id, (await read('third')).body.id]).toEqual([queue.id, next.id])
  expect((await read('second')).status).toBe(404)
})

it('a name that is taken is refused, also one that was taken by a rename', async () => {
  await create('second')
  await rename('second', 'third')
  for (const taken of ['third', 'default']) expect(await rename('first', taken)).toBe(409)
  expect((await create('third')).body.code).toBe('already_exists')
  expect((await read('first')).body.id).toBe(queue.id)
})

it('of two renames to one name at the same time one wins', async () => {
  await create('second')
  const statuses = await Promise.all([rename('first', 'same'), rename('second', 'same')])
  expect(statuses.toSorted((a, b) => a - b)).toEqual([204, 409])
  const { body } = await http.post(`/work_pools/${pool}/queues/filter`, {})
  expect(body.filter((each: Json) => each.name === 'same')).toHaveLength(1)
})

it('the default queue keeps its name, which is where things wait that name no queue', async () => {
  const { status, body } = await http.patch(`/work_pools/${pool}/queues/default`, { name: 'main' })
  expect([status, body.code]).toEqual([409, 'conflict'])
  expect((await http.patch(`/work_pools/${pool}/queues/default`, { name: 'default' })).status).toBe(204)
  expect((await http.patch(`/work_pools/${pool}/queues/first`, { name: 'a/b' })).status).toBe(422)
})

it('a rename changes other settings along with it, by id too', async () => {
  const change = { name: 'second', concurrency_limit: 7, priority: 1 }
  expect((await http.patch(`/work_queues/${queue.id}`, change)).status).toBe(204)
  expect((await read('second')).body).toMatchObject({ ...change, id: queue.id })
})

it('renamed queues have an alias, and others and deleted ones have none', async () => {
  expect(await aliases()).toBe(0)
  await rename('first', 'second')
  expect(await aliases()).toBe(1)
  await rename('second', 'first')
  expect(await aliases()).toBe(0)
  await rename('first', 'second')
  expect((await http.delete(`/work_pools/${pool}/queues/second`)).status).toBe(204)
  expect(await aliases()).toBe(0)
  expect((await create('second')).status).toBe(201)
  await rename('second', 'third')
  expect((await http.delete(`/work_pools/${pool}`)).status).toBe(204)
  expect(await aliases()).toBe(0)
})
