import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { idFromName } from '#shared/ids.ts'
import { poolIdOf } from '#shared/work-pool/work-pool.ts'
import { queueIdOf } from '#shared/work-queue/work-queue.ts'
import { api } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
beforeEach(async () => {
  world = await openWorld()
  http = api(world)
})
afterEach(() => world.close())

async function runIn(pool: string, queue = 'default') {
  const poolId = poolIdOf(pool)
  const target = { poolId, queueId: queueIdOf(poolId, queue) }
  return (await createFlowRun(world, { flowId: idFromName('flow', 'f') }, { queue: target })).run
}

it('creates a pool with its default queue and returns it as Prefect does', async () => {
  const { status, body } = await http.post('/work_pools/', { name: 'mine', type: 'process', some_new_member: 1 })
  expect(status).toBe(201)
  expect(body).toMatchObject({
    id: poolIdOf('mine'),
    name: 'mine',
    type: 'process',
    description: null,
    base_job_template: {},
    is_paused: false,
    concurrency_limit: null,
    status: 'NOT_READY',
    storage_configuration: {},
    active_slots: null,
    default_queue_id: queueIdOf(poolIdOf('mine'), 'default'),
  })
  const queue = await http.get('/work_pools/mine/queues/default')
  expect(queue.body).toMatchObject({
    id: body.default_queue_id,
    priority: 1,
    description: "The work pool's default queue.",
    work_pool_id: body.id,
    work_pool_name: 'mine',
  })
})

it('keeps every field of a create', async () => {
  const template = {
    job_configuration: { command: '{{ command }}', env: { X: '{{ prefect.variables.x }}' } },
    variables: { properties: { command: { type: 'string' } } },
  }
  const given = {
    name: 'full',
    type: 'ecs:push',
    description: 'All of it ✓',
    base_job_template: template,
    is_paused: true,
    concurrency_limit: 3,
    storage_configuration: { bundle_upload_step: { a: 1 } },
  }
  await http.post('/work_pools/', given)
  const { body } = await http.get('/work_pools/full')
  expect(body).toMatchObject({ ...given, status: 'PAUSED', active_slots: 0 })
})

it('answers 409 for a taken name, and leaves the first pool unchanged', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process', description: 'first' })
  const again = await http.post('/work_pools/', { name: 'p', type: 'docker' })
  expect(again.status).toBe(409)
  expect((await http.get('/work_pools/p')).body).toMatchObject({ type: 'process', description: 'first' })
})

it('creates one pool under concurrent requests', async () => {
  const replies = await Promise.all(Array.from({ length: 8 }, () => http.post('/work_pools/', { name: 'p' })))
  expect(replies.map((reply) => reply.status).toSorted((a, b) => a - b)).toEqual([
    201, 409, 409, 409, 409, 409, 409, 409,
  ])
})

it.each(['prefect', 'Prefect-pool', 'PREFECTS'])('rejects the reserved name %s with 403', async (name) => {
  const { status, body } = await http.post('/work_pools/', { name })
  expect(status).toBe(403)
  expect(body.detail).toContain('reserved for internal use')
  expect((await http.delete(`/work_pools/${name}`)).status).toBe(403)
  expect((await http.patch(`/work_pools/${name}`, { description: 'x' })).status).toBe(403)
  expect((await http.patch(`/work_pools/${name}`, { is_paused: true })).status).toBe(404)
})

it.each([
  [{}, 'body.name'],
  [{ name: '' }, 'body.name'],
  [{ name: 'a/b' }, 'body.name'],
  [{ name: '..' }, 'body.name'],
  [{ name: 'a?b' }, 'body.name'],
  [{ name: 'x', concurrency_limit: -1 }, 'body.concurrency_limit'],
  [{ name: 'x', concurrency_limit: 1.5 }, 'body.concurrency_limit'],
  [{ name: 'x', is_paused: 'yes' }, 'body.is_paused'],
  [{ name: 'x', base_job_template: { foo: 'bar' } }, 'body.base_job_template'],
  [
    { name: 'x', base_job_template: { job_configuration: { a: '{{ b }}' }, variables: { properties: {} } } },
    'undeclared variable(s): b',
  ],
])('rejects %j with 422 and names the field', async (body, told) => {
  const reply = await http.post('/work_pools/', body)
  expect(reply.status).toBe(422)
  expect(reply.body.detail).toContain(told)
  expect(reply.body.exception_detail[0].loc[0]).toBe('body')
  expect((await http.post('/work_pools/count')).body).toBe(0)
})

it('rejects a template too large to store with 413', async () => {
  const template = { job_configuration: { a: 'x'.repeat(400_000) }, variables: { properties: {} } }
  expect((await http.post('/work_pools/', { name: 'x', base_job_template: template })).status).toBe(413)
})

it('changes only what a PATCH has; null clears optional fields', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process', description: 'old', concurrency_limit: 5 })
  world.clock.pass(60)
  expect((await http.patch('/work_pools/p', { concurrency_limit: 7 })).status).toBe(204)
  const first = (await http.get('/work_pools/p')).body
  expect(first).toMatchObject({ description: 'old', concurrency_limit: 7 })
  expect(first.updated > first.created).toBe(true)
  await http.patch('/work_pools/p', { concurrency_limit: null, description: null, is_paused: null })
  expect((await http.get('/work_pools/p')).body).toMatchObject({
    description: null,
    concurrency_limit: null,
    is_paused: false,
  })
  const template = { job_configuration: { a: 1 }, variables: { properties: {} } }
  await http.patch('/work_pools/p', { base_job_template: template, storage_configuration: { k: null } })
  expect((await http.get('/work_pools/p')).body).toMatchObject({
    base_job_template: template,
    storage_configuration: { k: null },
  })
  expect((await http.patch('/work_pools/p', {})).status).toBe(204)
  expect((await http.patch('/work_pools/none', { is_paused: true })).status).toBe(404)
})

it('rejects renaming a pool or changing its type, and names the field', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process' })
  const renamed = await http.patch('/work_pools/p', { name: 'q', is_paused: true })
  expect(renamed.status).toBe(422)
  expect(renamed.body.exception_detail[0].loc).toEqual(['body', 'name'])
  const typed = await http.patch('/work_pools/p', { type: 'docker', is_paused: true })
  expect(typed.body.exception_detail[0].loc).toEqual(['body', 'type'])
  expect((await http.get('/work_pools/p')).body.is_paused).toBe(false)
  expect((await http.patch('/work_pools/p', { name: 'p', type: 'process' })).status).toBe(204)
})

it('lists and counts pools by name, filtered and in pages', async () => {
  for (const name of ['b', 'a', 'c'])
    await http.post('/work_pools/', { name, type: name === 'c' ? 'docker' : 'process' })
  const names = async (body: unknown) =>
    (await http.post('/work_pools/filter', body)).body.map((pool: { name: string }) => pool.name)
  expect(await names({ work_pools: null, limit: null, offset: null })).toEqual(['a', 'b', 'c'])
  expect(await names({ limit: 1, offset: 1 })).toEqual(['b'])
  expect(await names({ work_pools: { type: { any_: ['process'] }, name: null } })).toEqual(['a', 'b'])
  expect(await names({ work_pools: { operator: 'and_', id: { any_: [poolIdOf('c')] } } })).toEqual(['c'])
  expect(await names({ work_pools: { id: { any_: [] } } })).toEqual([])
  expect((await http.post('/work_pools/count', { work_pools: { name: { any_: ['a', 'x'] } } })).body).toBe(1)
  const tooMany = await http.post('/work_pools/filter', { limit: 201 })
  expect(tooMany.status).toBe(422)
  expect(tooMany.body.detail).toContain('Invalid limit: must be less than or equal to 200.')
})

it('is READY while a worker is online, and a push pool always', async () => {
  await http.post('/work_pools/', { name: 'pull', type: 'process' })
  await http.post('/work_pools/', { name: 'push', type: 'ecs:push' })
  await http.post('/work_pools/', { name: 'agents' })
  const status = async (name: string) => (await http.get(`/work_pools/${name}`)).body.status
  expect(await Promise.all(['pull', 'push', 'agents'].map(status))).toEqual(['NOT_READY', 'READY', null])
  await http.post('/work_pools/pull/workers/heartbeat', { name: 'w', heartbeat_interval_seconds: 30 })
  expect(await status('pull')).toBe('READY')
  await http.patch('/work_pools/pull', { is_paused: true })
  expect(await status('pull')).toBe('PAUSED')
  await http.patch('/work_pools/pull', { is_paused: false })
  world.clock.pass(91)
  expect(await status('pull')).toBe('NOT_READY')
})

it('allows no claim once a pause has returned, and allows claims again after the resume', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process' })
  const run = await runIn('p')
  await http.patch('/work_pools/p', { is_paused: true })
  expect((await setState(world, run.id, { type: 'PENDING' })).verdict.status).toBe('ABORT')
  expect((await http.post('/work_pools/p/get_scheduled_flow_runs')).body).toEqual([])
  await http.patch('/work_pools/p', { is_paused: false })
  expect((await setState(world, run.id, { type: 'PENDING' })).verdict.status).toBe('ACCEPT')
})

it('counts held runs against a limit set later, and lowers it without stopping them', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process' })
  const runs = [await runIn('p'), await runIn('p'), await runIn('p')]
  for (const run of runs.slice(0, 2)) await setState(world, run.id, { type: 'PENDING' })
  await http.patch('/work_pools/p', { concurrency_limit: 1 })
  expect((await http.get('/work_pools/p')).body).toMatchObject({ concurrency_limit: 1, active_slots: 2 })
  const third = runs[2]?.id ?? ''
  expect((await setState(world, third, { type: 'PENDING' })).verdict.status).toBe('ABORT')
  await http.patch('/work_pools/p', { concurrency_limit: 3 })
  expect((await setState(world, third, { type: 'PENDING' })).verdict.status).toBe('ACCEPT')
})

it('wakes only push pools on a resume and a raised limit', async () => {
  const wakesAfter = async (body: unknown, pool = 'push') => {
    world.sent.length = 0
    await http.patch(`/work_pools/${pool}`, body)
    return world.sent.map((wake) => wake.reason)
  }
  await http.post('/work_pools/', { name: 'push', type: 'ecs:push', concurrency_limit: 2 })
  await http.post('/work_pools/', { name: 'pull', type: 'process' })
  expect(await wakesAfter({ is_paused: true })).toEqual([])
  expect(await wakesAfter({ is_paused: false })).toEqual(['resumed'])
  expect(await wakesAfter({ is_paused: false })).toEqual([])
  expect(await wakesAfter({ concurrency_limit: 1 })).toEqual([])
  expect(await wakesAfter({ concurrency_limit: 5 })).toEqual(['limit-raised'])
  expect(await wakesAfter({ concurrency_limit: null })).toEqual(['limit-raised'])
  expect(await wakesAfter({ is_paused: true }, 'pull')).toEqual([])
  expect(await wakesAfter({ is_paused: false }, 'pull')).toEqual([])
})

it('keeps a change even when its wake-up could not be sent', async () => {
  await http.post('/work_pools/', { name: 'push', type: 'ecs:push', is_paused: true })
  world.wakeUps.send = () => Promise.reject(new Error('queue away'))
  expect((await http.patch('/work_pools/push', { is_paused: false })).status).toBe(204)
  expect((await http.get('/work_pools/push')).body.is_paused).toBe(false)
  expect(world.counted.get('WakeUpsFailed')).toBe(1)
})

it('deletes an idle pool with everything in it; its name can be reused', async () => {
  await http.post('/work_pools/', { name: 'p', type: 'process', concurrency_limit: 1 })
  await http.post('/work_pools/p/queues', { name: 'q' })
  await http.post('/work_pools/p/workers/heartbeat', { name: 'w' })
  await http.post('/work_pools/p/get_scheduled_flow_runs')
  expect((await http.delete('/work_pools/p')).status).toBe(204)
  expect((await http.get('/work_pools/p')).status).toBe(404)
  expect((await http.delete('/work_pools/p')).status).toBe(404)
  await http.post('/work_pools/', { name: 'p', type: 'process' })
  expect((await http.post('/work_pools/p/queues/filter')).body).toMatchObject([{ name: 'default', last_polled: null }])
  expect((await http.post('/work_pools/p/workers/filter')).body).toEqual([])
})
