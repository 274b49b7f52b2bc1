import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { idFromName } from '#shared/ids.ts'
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

interface Queue {
  id: string
  name: string
  priority: number
}
const queues = async (body: unknown = {}): Promise<Queue[]> =>
  (await http.post('/work_pools/p/queues/filter', body)).body
const order = async () => (await queues()).map(({ name, priority }) => `${priority}:${name}`)
const create = async (name: string, rest: object = {}) => await http.post('/work_pools/p/queues', { name, ...rest })

async function runIn(queue: { id: string; work_pool_id: string }) {
  const target = { poolId: queue.work_pool_id, queueId: queue.id }
  return (await createFlowRun(world, { flowId: idFromName('flow', 'f') }, { queue: target })).run
}

it('creates a queue and returns it as Prefect does', async () => {
  const { status, body } = await create('q', {
    description: 'mine',
    concurrency_limit: 2,
    is_paused: true,
    filter: { tags: ['a'] },
  })
  expect(status).toBe(201)
  expect(body).toMatchObject({
    name: 'q',
    description: 'mine',
    is_paused: true,
    concurrency_limit: 2,
    priority: 2,
    filter: { tags: ['a'] },
    last_polled: null,
    status: 'PAUSED',
    active_slots: 0,
    work_pool_name: 'p',
  })
  expect((await http.get('/work_pools/p/queues/q')).body).toEqual(body)
})

it('answers 409 for a taken name and 404 for a missing pool', async () => {
  expect((await create('default')).status).toBe(409)
  expect((await http.post('/work_pools/none/queues', { name: 'q' })).status).toBe(404)
  expect((await http.get('/work_pools/p/queues/none')).status).toBe(404)
  expect((await http.get('/work_pools/none/queues/default')).status).toBe(404)
  expect((await http.post('/work_pools/none/queues/filter')).status).toBe(404)
})

it('answers 409 for a taken name even when its priority would move that queue', async () => {
  await create('q', { priority: 4 })
  expect((await create('q', { priority: 4 })).status).toBe(409)
  expect((await create('q', { priority: 1 })).status).toBe(409)
  expect(await order()).toEqual(['1:default', '4:q'])
})

it('refuses half a surrogate pair, and takes a whole one', async () => {
  const rawBody = String.raw`{"name":"a","description":"\ud83d\ude00","filter":{"tags":["\ud83d"]}}`
  const { status, body } = await http.post('/work_pools/p/queues', undefined, { rawBody })
  expect([status, body.exception_detail[0].loc]).toEqual([422, ['body', 'filter', 'tags', 0]])
  const whole = await http.post('/work_pools/p/queues', undefined, { rawBody: rawBody.replace('["\\ud83d"]', '[]') })
  expect([whole.status, whole.body.description]).toEqual([201, '😀'])
})

it('distinguishes and finds names with spaces, accents and hashes', async () => {
  for (const name of ['a b', 'a#b', 'é', 'a\\b', 'a\\ b']) {
    expect((await create(name)).status).toBe(201)
    expect((await http.get(`/work_pools/p/queues/${encodeURIComponent(name)}`)).body.name).toBe(name)
  }
})

it('gives a queue without a priority the lowest free number', async () => {
  await create('a', { priority: 3 })
  await create('b')
  await create('c')
  expect(await order()).toEqual(['1:default', '2:b', '3:a', '4:c'])
})

it('makes room for a queue at a taken priority, and moves no more than it must', async () => {
  await create('a', { priority: 2 })
  await create('b', { priority: 5 })
  await create('c', { priority: 1 })
  expect(await order()).toEqual(['1:c', '2:default', '3:a', '5:b'])
  await http.patch('/work_pools/p/queues/b', { priority: 1 })
  expect(await order()).toEqual(['1:b', '2:c', '3:default', '4:a'])
  await http.patch('/work_pools/p/queues/b', { priority: 1 })
  expect(await order()).toEqual(['1:b', '2:c', '3:default', '4:a'])
})

it('keeps priorities unique when many queues are placed at once', async () => {
  const names = Array.from({ length: 10 }, (_, n) => `q${n}`)
  const replies = await Promise.all(names.map((name, n) => create(name, n % 2 ? { priority: 1 } : {})))
  expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([201]))
  await Promise.all(names.slice(0, 5).map((name) => http.patch(`/work_pools/p/queues/${name}`, { priority: 2 })))
  const priorities = (await queues()).map((queue) => queue.priority)
  expect(new Set(priorities).size).toBe(11)
})

it('rejects a priority that would move more queues than one transaction can', async () => {
  for (let n = 0; n < 91; n += 1) await create(`q${n}`)
  const before = await order()
  const refused = await create('first', { priority: 1 })
  expect(refused.status).toBe(422)
  expect(refused.body.exception_detail[0].loc).toEqual(['body', 'priority'])
  expect((await create('second', { priority: 3 })).status).toBe(201)
  expect((await order()).length).toBe(before.length + 1)
})

it('changes only what a PATCH has', async () => {
  await create('q', { description: 'old', concurrency_limit: 1, filter: { tags: ['a'] } })
  expect((await http.patch('/work_pools/p/queues/q', { is_paused: true })).status).toBe(204)
  expect((await http.get('/work_pools/p/queues/q')).body).toMatchObject({
    description: 'old',
    is_paused: true,
    concurrency_limit: 1,
    filter: { tags: ['a'] },
  })
  await http.patch('/work_pools/p/queues/q', {
    is_paused: false,
    concurrency_limit: null,
    filter: null,
    description: 'new',
  })
  expect((await http.get('/work_pools/p/queues/q')).body).toMatchObject({
    description: 'new',
    is_paused: false,
    concurrency_limit: null,
    filter: null,
    active_slots: null,
  })
  expect((await http.patch('/work_pools/p/queues/none', {})).status).toBe(404)
})

it('rejects renaming a queue to a name that no queue can have, and then changes nothing', async () => {
  await create('q')
  const { status, body } = await http.patch('/work_pools/p/queues/q', { name: 'r/s', is_paused: true })
  expect(status).toBe(422)
  expect(body.exception_detail[0]).toMatchObject({ loc: ['body', 'name'] })
  expect((await http.get('/work_pools/p/queues/q')).body.is_paused).toBe(false)
})

it('is READY for a minute after a poll', async () => {
  const status = async () => (await http.get('/work_pools/p/queues/default')).body.status
  expect(await status()).toBe('NOT_READY')
  await http.post('/work_pools/p/get_scheduled_flow_runs', { work_queue_names: ['default'] })
  expect(await status()).toBe('READY')
  world.clock.pass(61)
  expect(await status()).toBe('NOT_READY')
})

it('lists by case-insensitive prefix, by name and by id', async () => {
  const made = [await create('Alpha'), await create('alphabet'), await create('beta')]
  const names = async (filter: object) => (await queues({ work_queues: filter })).map((queue) => queue.name)
  expect(await names({ name: { startswith_: ['ALPHA'] } })).toEqual(['Alpha', 'alphabet'])
  expect(await names({ name: { any_: ['beta', 'none'] } })).toEqual(['beta'])
  expect(await names({ id: { any_: [made[0]?.body.id] } })).toEqual(['Alpha'])
  expect(await queues({ work_queues: { name: { startswith_: ['a'] } }, limit: 1, offset: 1 })).toHaveLength(1)
})

it('enforces its limit on claims, whenever it was set', async () => {
  const queue = (await create('q')).body
  const runs = [await runIn(queue), await runIn(queue)]
  const claim = async (at: number) => (await setState(world, runs[at]?.id ?? '', { type: 'PENDING' })).verdict.status
  expect(await claim(0)).toBe('ACCEPT')
  await http.patch('/work_pools/p/queues/q', { concurrency_limit: 1 })
  expect((await http.get('/work_pools/p/queues/q')).body.active_slots).toBe(1)
  expect(await claim(1)).toBe('ABORT')
  await http.patch('/work_pools/p/queues/q', { concurrency_limit: 2, is_paused: true })
  expect(await claim(1)).toBe('ABORT')
  await http.patch('/work_pools/p/queues/q', { is_paused: false })
  expect(await claim(1)).toBe('ACCEPT')
})

it('wakes its push pool when it is resumed or its limit is raised', async () => {
  await http.post('/work_pools/', { name: 'push', type: 'ecs:push' })
  await http.post('/work_pools/push/queues', { name: 'q', is_paused: true, concurrency_limit: 1 })
  await http.patch('/work_pools/push/queues/q', { is_paused: false })
  await http.patch('/work_pools/push/queues/q', { concurrency_limit: 9 })
  await http.patch('/work_pools/push/queues/q', { description: 'x' })
  expect(world.sent.map((wake) => wake.reason)).toEqual(['resumed', 'limit-raised'])
})

it('deletes an idle queue; the default one only with its pool', async () => {
  await create('q')
  expect((await http.delete('/work_pools/p/queues/q')).status).toBe(204)
  expect((await http.delete('/work_pools/p/queues/q')).status).toBe(404)
  const refused = await http.delete('/work_pools/p/queues/default')
  expect(refused.status).toBe(409)
  expect(refused.body.detail).toContain('default queue')
})
