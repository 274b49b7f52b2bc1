import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

/** A life that no run here has. */
const LIFE = '0123456789abcdef'
const NOWHERE = '00000000-0000-0000-0000-000000000000'
let world: World
let http: ReturnType<typeof api>
let flowId: string
/** Deployments to the push pool, to a pull pool, and to none. */
let pushed: string
let pulled: string
let served: string

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
  await createWorkPool(world, { name: 'push', type: 'ecs:push' })
  await createWorkPool(world, { name: 'pull', type: 'process' })
  pushed = await deploy({ name: 'pushed', work_pool_name: 'push', job_variables: { command: 'echo hello' } })
  pulled = await deploy({ name: 'pulled', work_pool_name: 'pull', tags: ['b', 'a'], parameters: { x: 1, y: 1 } })
  served = await deploy({ name: 'served' })
})
afterAll(() => world.close())

async function deploy(body: Json): Promise<string> {
  return (await http.post('/deployments/', { flow_id: flowId, ...body })).body.id
}
const run = (deployment: string, body: Json = {}) => http.post(`/deployments/${deployment}/create_flow_run`, body)
const read = async (id: string) => (await http.get(`/flow_runs/${id}`)).body
const propose = (id: string, state: Json, rest: Json = {}) =>
  http.post(`/flow_runs/${id}/set_state`, { state, ...rest })

describe('a run of a deployment', () => {
  it("waits in the deployment's queue, with what it inherits", async () => {
    const { status, body } = await run(pulled, { parameters: { y: 2 }, tags: ['c', 'a'] })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      flow_id: flowId,
      deployment_id: pulled,
      work_pool_name: 'pull',
      work_queue_name: 'default',
      parameters: { x: 1, y: 2 },
      tags: ['b', 'a', 'c'],
      state_type: 'SCHEDULED',
      state_name: 'Scheduled',
      state: { id: body.state_id, type: 'SCHEDULED', state_details: { flow_run_id: body.id } },
    })
    expect(body.name).toMatch(/^[a-z]+-[a-z]+$/)
    expect(body.next_scheduled_start_time).toBe(body.expected_start_time)
    expect(await read(body.id)).toMatchObject({ ...body, estimated_start_time_delta: expect.any(Number) })
  })

  it('is the same for the same idempotency key', async () => {
    const first = await run(pulled, { idempotency_key: 'k', name: 'first' })
    const second = await run(pulled, { idempotency_key: 'k', name: 'second' })
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.body).toMatchObject({ id: first.body.id, name: 'first', idempotency_key: 'k' })
  })

  it('may name another queue of the pool, which is created', async () => {
    const { body } = await run(pulled, { work_queue_name: 'urgent' })
    expect(body.work_queue_name).toBe('urgent')
    expect((await http.get('/work_pools/pull/queues/urgent')).body.id).toBe(body.work_queue_id)
  })

  it('is rejected when it could not be launched', async () => {
    const badly = await run(pushed, { job_variables: { cpu: 'lots' } })
    expect(badly).toMatchObject({ status: 422 })
    expect(badly.body.detail).toContain('job_variables.cpu')
    expect((await run(pushed, { job_variables: { env: { K: '-----BEGIN PRIVATE KEY-----' } } })).status).toBe(422)
    expect((await run(served, { work_queue_name: 'q' })).status).toBe(422)
    expect((await run(NOWHERE)).status).toBe(404)
  })

  it('may be due later', async () => {
    const due = '2026-03-01T00:00:00.000001Z'
    const { body } = await run(pulled, { state: { type: 'SCHEDULED', state_details: { scheduled_time: due } } })
    expect(body).toMatchObject({ expected_start_time: due, state: { state_details: { scheduled_time: due } } })
  })
})

describe('a run of a flow', () => {
  it('is PENDING without a queue, since its process exists', async () => {
    const { status, body } = await http.post('/flow_runs/', { flow_id: flowId, flow_version: 'v', context: { a: 1 } })
    expect(status).toBe(201)
    expect(body).toMatchObject({ state_type: 'PENDING', work_queue_id: null, flow_version: 'v', context: { a: 1 } })
  })

  it('waits when it names a pool or queue, which must exist', async () => {
    const named = await http.post('/flow_runs/', { flow_id: flowId, work_pool_name: 'pull' })
    expect(named.body).toMatchObject({ state_type: 'SCHEDULED', work_queue_name: 'default' })
    const missing = { flow_id: flowId, work_pool_name: 'pull', work_queue_name: 'missing' }
    expect((await http.post('/flow_runs/', missing)).status).toBe(404)
    expect((await http.post('/flow_runs/', { flow_id: flowId, work_pool_name: 'missing' })).status).toBe(404)
    expect((await http.post('/flow_runs/', { flow_id: NOWHERE })).status).toBe(404)
  })
})

describe('set_state', () => {
  it("accepts, rejects, delays and aborts with Prefect's messages", async () => {
    const { body } = await run(pulled, { state: { type: 'SCHEDULED', state_details: { scheduled_time: later(60) } } })
    const pending = await propose(body.id, { type: 'PENDING' })
    expect(pending).toMatchObject({ status: 201, body: { status: 'ACCEPT', details: { type: 'accept_details' } } })
    expect(pending.body.state.type).toBe('PENDING')
    const early = await propose(body.id, { type: 'RUNNING' })
    expect(early).toMatchObject({ status: 200, body: { status: 'WAIT', state: null } })
    expect(early.body.details).toMatchObject({ type: 'wait_details', delay_seconds: expect.any(Number) })
    const again = await propose(body.id, { type: 'PENDING' })
    expect(again).toMatchObject({ status: 200, body: { status: 'ABORT', state: null } })
    expect(again.body.details.reason).toContain('cannot transition to a PENDING state')
  })

  it('answers a repeated transition with the resulting state', async () => {
    const { body } = await run(pulled)
    const state = { type: 'PENDING', state_details: { transition_id: '7f1f8b86-6a3c-4a2f-8b52-6a1d8c0f8a11' } }
    const first = await propose(body.id, state)
    const second = await propose(body.id, state)
    expect(second).toMatchObject({ status: 200, body: { status: 'REJECT', state: { type: 'PENDING' } } })
    expect(second.body.state.id).toBe(first.body.state.id)
  })

  it('keeps what only clients interpret', async () => {
    const { body } = await http.post('/flow_runs/', { flow_id: flowId })
    const data = { type: 'reference', storage_key: 'x' }
    await propose(body.id, { type: 'RUNNING' })
    await propose(body.id, { type: 'COMPLETED', data, state_details: { untrackable_result: true, future_key: [1] } })
    const { state } = await read(body.id)
    expect(state).toMatchObject({ data, state_details: { untrackable_result: true, future_key: [1] } })
  })

  it('rejects a claimant of an earlier generation', async () => {
    const { body } = await run(pulled)
    await propose(body.id, { type: 'PENDING' })
    const headers = { 'x-pushpool-generation': '0' }
    const stale = await http.post(`/flow_runs/${body.id}/set_state`, { state: { type: 'RUNNING' } }, { headers })
    expect(stale.body.details.reason).toContain('stale_generation')
  })

  it('applies a generation only to the run it names, since a flow also proposes states of its subflows', async () => {
    const { body } = await run(pulled)
    await propose(body.id, { type: 'PENDING' })
    const proposeUnder = (claim: string) =>
      http.post(
        `/flow_runs/${body.id}/set_state`,
        { state: { type: 'RUNNING' } },
        { headers: { 'x-pushpool-generation': claim } },
      )
    expect((await proposeUnder(`${body.id}/${LIFE}/1`)).body.details.reason).toContain('stale_generation')
    expect((await proposeUnder(`${NOWHERE}/${LIFE}/7`)).body.status).toBe('ACCEPT')
  })

  it('distinguishes an unknown run from a bad state', async () => {
    expect((await propose(NOWHERE, { type: 'RUNNING' })).status).toBe(404)
    expect((await propose(NOWHERE, { type: 'DONE' })).status).toBe(422)
  })
})

describe('the states of a run', () => {
  it('are listed in order and read by id', async () => {
    const { body } = await run(pulled)
    await propose(body.id, { type: 'PENDING', message: 'soon' })
    await propose(body.id, { type: 'RUNNING', message: 'now' })
    const { body: states } = await http.get(`/flow_run_states/?flow_run_id=${body.id}`)
    expect(states.map((state: Json) => [state.type, state.message])).toEqual([
      ['SCHEDULED', null],
      ['PENDING', 'soon'],
      ['RUNNING', 'now'],
    ])
    expect(states[0].id).toBe(body.state_id)
    for (const state of states) expect((await http.get(`/flow_run_states/${state.id}`)).body).toEqual(state)
    expect(states.at(-1)).toEqual((await read(body.id)).state)
    expect((await http.get(`/flow_run_states/${body.id.slice(0, -4)}0009`)).status).toBe(404)
  })
})

describe('updating a run', () => {
  it('changes only what is given', async () => {
    const { body } = await run(pulled)
    const policy = { retries: 2, retry_delay: 1.5 }
    const change = { name: 'renamed', empirical_policy: policy, infrastructure_pid: '17', tags: ['t'] }
    expect((await http.patch(`/flow_runs/${body.id}`, change)).status).toBe(204)
    expect(await read(body.id)).toMatchObject({ ...change, parameters: body.parameters, state_id: body.state_id })
    await http.patch(`/flow_runs/${body.id}`, { infrastructure_pid: null, name: null })
    expect(await read(body.id)).toMatchObject({ name: 'renamed', infrastructure_pid: null, empirical_policy: policy })
    expect((await http.patch(`/flow_runs/${NOWHERE}`, {})).status).toBe(404)
  })

  it('adds labels', async () => {
    const { body } = await run(pulled, { labels: { a: 1 } })
    expect((await http.patch(`/flow_runs/${body.id}/labels`, { b: true })).status).toBe(204)
    expect((await read(body.id)).labels).toEqual({ a: 1, b: true })
    expect((await http.patch(`/flow_runs/${NOWHERE}/labels`, {})).status).toBe(404)
  })

  it('loses no concurrent update', async () => {
    const { body } = await run(pulled)
    const labels = Array.from({ length: 5 }, (_, n) => ({ [`l${n}`]: n }))
    await Promise.all(labels.map((one) => http.patch(`/flow_runs/${body.id}/labels`, one)))
    expect((await read(body.id)).labels).toEqual(Object.assign({}, ...labels))
  })

  it('changes job variables only while it waits', async () => {
    const { body } = await run(pushed)
    const change = (variables: Json) => http.patch(`/flow_runs/${body.id}`, { job_variables: variables })
    expect((await change({ cpu: -1 })).status).toBe(422)
    expect((await change({ cpu: 512, timeout_seconds: 60 })).status).toBe(204)
    await propose(body.id, { type: 'PENDING' })
    expect((await change({ cpu: 256 })).status).toBe(409)
    expect((await read(body.id)).job_variables).toEqual({ cpu: 512, timeout_seconds: 60 })
  })
})

describe('resuming', () => {
  it('lets a paused run continue', async () => {
    const { body } = await http.post('/flow_runs/', { flow_id: flowId })
    const notPaused = await http.post(`/flow_runs/${body.id}/resume`, {})
    expect(notPaused.body).toMatchObject({ status: 'ABORT', state: null })
    await propose(body.id, { type: 'RUNNING' })
    await propose(body.id, { type: 'PAUSED', state_details: { pause_timeout: later(600) } })
    const resumed = await http.post(`/flow_runs/${body.id}/resume`, {})
    expect(resumed.body).toMatchObject({ status: 'ACCEPT', state: { type: 'RUNNING' } })
  })
})

describe('deleting a run', () => {
  it('is rejected while it holds slots', async () => {
    const { body } = await run(pulled)
    await propose(body.id, { type: 'PENDING' })
    const refused = await http.delete(`/flow_runs/${body.id}`)
    expect(refused).toMatchObject({ status: 409 })
    expect(refused.body.detail).toContain('cancel it first')
    await propose(body.id, { type: 'CANCELLED' }, { force: true })
    expect((await http.delete(`/flow_runs/${body.id}`)).status).toBe(204)
    expect((await http.get(`/flow_runs/${body.id}`)).status).toBe(404)
    expect((await http.delete(`/flow_runs/${body.id}`)).status).toBe(404)
  })
})

describe('deleting what runs belong to', () => {
  it('cancels the waiting runs of a deleted deployment, with the reason', async () => {
    const doomed = await deploy({ name: 'doomed', work_pool_name: 'pull' })
    const waiting = (await run(doomed)).body.id
    const held = (await run(doomed)).body.id
    await propose(held, { type: 'PENDING' })
    expect((await http.delete(`/deployments/${doomed}`)).status).toBe(204)
    const { state } = await read(waiting)
    expect(state).toMatchObject({ type: 'CANCELLED', message: 'The deployment of the run was deleted.' })
    expect((await read(held)).state_type).toBe('PENDING')
    expect((await http.delete(`/deployments/${doomed}`)).status).toBe(404)
  })

  it('keeps a flow that is referred to', async () => {
    expect((await http.delete(`/flows/${flowId}`)).status).toBe(409)
    const lone = (await http.post('/flows/', { name: 'lone' })).body.id
    const child = (await http.post('/flow_runs/', { flow_id: lone })).body.id
    expect((await http.delete(`/flows/${lone}`)).status).toBe(409)
    await http.delete(`/flow_runs/${child}`)
    expect((await http.delete(`/flows/${lone}`)).status).toBe(204)
    expect((await http.get(`/flows/${lone}`)).status).toBe(404)
  })
})

describe('a process that serves deployments', () => {
  it('gets their due runs', async () => {
    const soon = (await run(served)).body.id
    await run(served, { state: { type: 'SCHEDULED', state_details: { scheduled_time: later(3600) } } })
    const poll = (body: Json) => http.post('/deployments/get_scheduled_flow_runs', body)
    const { body } = await poll({ deployment_ids: [served, pulled], scheduled_before: later(10).replace('T', ' ') })
    expect(body.map((each: Json) => each.id)).toEqual([soon])
    expect((await http.get(`/deployments/${served}`)).body.status).toBe('READY')
    expect((await poll({ deployment_ids: [served] })).body).toHaveLength(2)
    expect((await poll({ deployment_ids: [] })).body).toEqual([])
  })
})

function later(seconds: number): string {
  return new Date(world.clock.now() / 1000 + seconds * 1000).toISOString()
}
