import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { idFromName } from '#shared/ids.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { limitItemKey, queueKey } from '#shared/storage/dynamo/table.ts'
import { getPoolPoll } from '#shared/storage/work-pool/record-poll.ts'
import { poolIdOf } from '#shared/work-pool/work-pool.ts'
import { api } from '../../../support/api.ts'
import { withInterceptor } from '../../../support/faults/faulty-calls.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
beforeEach(async () => {
  world = await openWorld()
  http = api(world)
  await http.post('/work_pools/', { name: 'p', type: 'process' })
})
afterEach(() => world.close())

async function runIn(queue: { id: string; work_pool_id: string }, dueInSeconds = 0) {
  const scheduledTime = addSeconds(world.clock.now(), dueInSeconds)
  const target = { poolId: queue.work_pool_id, queueId: queue.id }
  const state = { type: 'SCHEDULED' as const, details: { scheduledTime } }
  return (await createFlowRun(world, { flowId: idFromName('flow', 'f'), state }, { queue: target })).run
}
const queue = async (name: string) => (await http.get(`/work_pools/p/queues/${name}`)).body
const poll = async (body: object = {}) => await http.post('/work_pools/p/get_scheduled_flow_runs', body)
const polled = async (body: object = {}): Promise<string[]> =>
  (await poll(body)).body.map((each: { flow_run: { id: string } }) => each.flow_run.id)

it('hands out runs of the highest-priority queue first, whatever their due time', async () => {
  const low = (await http.post('/work_pools/p/queues', { name: 'low' })).body
  const [second, first] = [await runIn(low, -10), await runIn(await queue('default'), -1)]
  const { body } = await poll({ work_queue_names: [], scheduled_before: '2026-08-21 16:27:33.123456+00:00' })
  expect(body.map((each: { flow_run: { id: string } }) => each.flow_run.id)).toEqual([first.id, second.id])
  expect(body[1]).toMatchObject({
    work_pool_id: low.work_pool_id,
    work_queue_id: low.id,
    flow_run: { work_queue_name: 'low', work_pool_name: 'p', state_type: 'SCHEDULED' },
  })
})

it('returns only the queues, window and number requested', async () => {
  const other = (await http.post('/work_pools/p/queues', { name: 'other' })).body
  const [now, soon] = [await runIn(other), await runIn(other, 30)]
  await runIn(await queue('default'))
  const at = (seconds: number) => formatInstant(addSeconds(world.clock.now(), seconds))
  expect(await polled({ work_queue_names: ['other'] })).toEqual([now.id, soon.id])
  expect(await polled({ work_queue_names: ['other'], scheduled_before: at(10) })).toEqual([now.id])
  expect(await polled({ work_queue_names: ['other'], scheduled_after: at(10) })).toEqual([soon.id])
  expect(await polled({ work_queue_names: ['other'], limit: 1 })).toEqual([now.id])
  expect(await polled({ limit: 0 })).toEqual([])
  const backwards = { scheduled_after: at(20), scheduled_before: at(10) }
  expect(await polled({ work_queue_names: ['other'], ...backwards })).toEqual([])
  expect(await polled(backwards)).toEqual([])
})

it('hands out no more than limits allow, and none from a paused queue', async () => {
  await http.patch('/work_pools/p', { concurrency_limit: 2 })
  const fallback = await queue('default')
  for (let n = 0; n < 4; n += 1) await runIn(fallback)
  expect(await polled()).toHaveLength(2)
  await http.patch('/work_pools/p/queues/default', { concurrency_limit: 1 })
  expect(await polled()).toHaveLength(1)
  await http.patch('/work_pools/p/queues/default', { is_paused: true })
  expect(await polled()).toEqual([])
})

it('answers 404 for a missing pool or queue', async () => {
  expect((await http.post('/work_pools/none/get_scheduled_flow_runs')).status).toBe(404)
  expect((await http.post('/work_pools/none/get_scheduled_flow_runs', { work_queue_names: ['a'] })).status).toBe(404)
  expect((await poll({ work_queue_names: ['default', 'none'] })).status).toBe(404)
  expect(await getPoolPoll(world.table, poolIdOf('none'))).toBeNull()
})

it('hands out nothing from a deleted queue', async () => {
  const { id, work_pool_id: poolId } = (await http.post('/work_pools/p/queues', { name: 'gone' })).body
  await runIn({ id, work_pool_id: poolId })
  expect(await polled()).toHaveLength(1)
  // Like a run created while its queue is deleted.
  await deleteItem(world.table, limitItemKey(queueLimit(id)))
  await deleteItem(world.table, queueKey(poolId, id))
  expect(await polled()).toEqual([])
})

it('reads the waiting lines with hints of room, limits and runs, and nothing twice', async () => {
  await runIn(await queue('default'))
  const reads: string[] = []
  const watched = withInterceptor(world, async (call, go) => {
    reads.push(call.name)
    return await go()
  })
  const watchedApi = api(watched)
  await watchedApi.post('/work_pools/p/get_scheduled_flow_runs')
  reads.length = 0
  await watchedApi.post('/work_pools/p/get_scheduled_flow_runs')
  expect(reads).toEqual([
    'dynamodb QueryCommand',
    'dynamodb QueryCommand',
    'dynamodb BatchGetItemCommand',
    'dynamodb BatchGetItemCommand',
  ])
})

it('records a poll for the queues it names, or for all', async () => {
  await http.post('/work_pools/p/queues', { name: 'other' })
  await poll({ work_queue_names: ['other'] })
  expect((await queue('default')).last_polled).toBeNull()
  expect((await queue('other')).status).toBe('READY')
  await poll()
  expect((await queue('default')).status).toBe('READY')
})

it('records a poll at most every 15 seconds', async () => {
  const writes: string[] = []
  const watched = withInterceptor(world, async (call, go) => {
    if (call.name.startsWith('dynamodb Update')) writes.push(call.name)
    return await go()
  })
  const watchedApi = api(watched)
  const pollTwice = async (body: object) => {
    writes.length = 0
    await watchedApi.post('/work_pools/p/get_scheduled_flow_runs', body)
    await watchedApi.post('/work_pools/p/get_scheduled_flow_runs', body)
    return writes.length
  }
  expect(await pollTwice({})).toBe(1)
  expect(await pollTwice({ work_queue_names: ['default'] })).toBe(0)
  world.clock.pass(15)
  expect(await pollTwice({ work_queue_names: ['default'] })).toBe(1)
  expect(await pollTwice({})).toBe(1)
})

it('answers a poll even when it cannot be recorded', async () => {
  const run = await runIn(await queue('default'))
  const faulty = withInterceptor(world, async (call, go) => {
    if (call.name === 'dynamodb UpdateItemCommand') throw new Error('no writes today')
    return await go()
  })
  const { status, body } = await api(faulty).post('/work_pools/p/get_scheduled_flow_runs')
  expect(status).toBe(200)
  expect(body).toMatchObject([{ flow_run: { id: run.id } }])
})

it('does not count a poll of the whole pool for queues created later', async () => {
  await poll()
  world.clock.pass(20)
  await http.post('/work_pools/p/queues', { name: 'later' })
  expect((await queue('default')).last_polled).not.toBeNull()
  expect(await queue('later')).toMatchObject({ last_polled: null, status: 'NOT_READY' })
  await poll()
  expect((await queue('later')).status).toBe('READY')
})
