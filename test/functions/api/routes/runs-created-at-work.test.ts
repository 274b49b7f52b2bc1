import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { deploymentLimit, poolLimit } from '#shared/limit/limit.ts'
import { poolIdOf } from '#shared/work-pool/work-pool.ts'
import { api, type Json } from '../../../support/api.ts'
import { readLimit, readRun } from '../../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
let flowId: string
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
  await http.post('/work_pools/', { name: 'push', type: 'ecs:push' })
})
afterAll(() => world.close())

let names = 0
async function deploy(body: Json = {}): Promise<string> {
  names += 1
  const { status, body: made } = await http.post('/deployments/', { name: `d${names}`, flow_id: flowId, ...body })
  expect(status).toBe(201)
  return made.id
}
const create = (deployment: string | undefined, type: string, rest: Json = {}) =>
  http.post('/flow_runs/', { flow_id: flowId, deployment_id: deployment, state: { type }, ...rest })
const propose = async (id: string, type: string, rest: Json = {}) =>
  (await http.post(`/flow_runs/${id}/set_state`, { state: { type }, ...rest })).body
const heldBy = async (deployment: string) => (await readLimit(world, deploymentLimit(deployment))).active

describe('a run that is created at work', () => {
  it.each(['PENDING', 'RUNNING'])('as %s of a served deployment takes a slot, or is not created', async (type) => {
    const served = await deploy({ concurrency_limit: 1 })
    const first = await create(served, type)
    expect(first).toMatchObject({ status: 201, body: { state_type: type } })
    for (const again of [type, 'RUNNING', 'PENDING']) {
      const { status, body } = await create(served, again)
      expect([status, body.code]).toEqual([409, 'no_slot'])
      expect(body.detail).toBe('The concurrency limit of its deployment is reached (1 of 1).')
    }
    const { body: count } = await http.post('/flow_runs/count', { deployments: { id: { any_: [served] } } })
    expect([count, await heldBy(served)]).toEqual([1, 1])
    expect(await readRun(world, first.body.id)).toMatchObject({ generation: 1, claim: { by: { kind: 'client' } } })
    await propose(first.body.id, 'RUNNING')
    await propose(first.body.id, 'COMPLETED')
    expect(await heldBy(served)).toBe(0)
    expect((await create(served, type)).status).toBe(201)
  })

  it('is refused or kept as a record, and never cancelled, where colliding runs that wait are', async () => {
    const served = await deploy({ concurrency_limit: 1, concurrency_options: { collision_strategy: 'CANCEL_NEW' } })
    await create(served, 'RUNNING')
    expect((await create(served, 'RUNNING')).body.code).toBe('no_slot')
    expect((await create(served, 'COMPLETED')).body.state_type).toBe('COMPLETED')
    expect((await create(served, 'SCHEDULED')).body.state_type).toBe('CANCELLED')
  })

  it('takes its slot once, however many ask at once', async () => {
    const served = await deploy({ concurrency_limit: 3 })
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(served, 'RUNNING')))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
    expect(await heldBy(served)).toBe(3)
  })

  it('is one run for one idempotency key, even when it has taken the last slot', async () => {
    const served = await deploy({ concurrency_limit: 1 })
    const first = await create(served, 'RUNNING', { idempotency_key: 'once' })
    const again = await create(served, 'RUNNING', { idempotency_key: 'once' })
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body.id).toBe(first.body.id)
    expect(await heldBy(served)).toBe(1)
  })

  it('counts against its pool and queue too, and learns which of them is closed', async () => {
    await http.post('/work_pools/', { name: 'pull', type: 'process', concurrency_limit: 1 })
    const pulled = await deploy({ work_pool_name: 'pull' })
    const { status, body } = await http.post(`/deployments/${pulled}/create_flow_run`, { state: { type: 'RUNNING' } })
    expect([status, body.state_type]).toEqual([201, 'RUNNING'])
    expect((await readLimit(world, poolLimit(poolIdOf('pull')))).active).toBe(1)
    const full = await create(undefined, 'PENDING', { work_pool_name: 'pull' })
    expect(full).toMatchObject({ status: 409, body: { code: 'no_slot' } })
    expect(full.body.detail).toBe("The concurrency limit of work pool 'pull' is reached (1 of 1).")
    await http.patch('/work_pools/pull', { concurrency_limit: 5 })
    await http.patch('/work_pools/pull/queues/default', { is_paused: true })
    expect((await create(pulled, 'RUNNING')).body.detail).toBe("Work queue 'default' is paused.")
  })

  it('is refused in a push pool, where only the dispatcher claims', async () => {
    const pushed = await deploy({ work_pool_name: 'push', job_variables: { command: 'true' } })
    for (const type of ['PENDING', 'RUNNING']) {
      const { status, body } = await create(pushed, type)
      expect([status, body.code]).toEqual([422, 'invalid'])
      expect(body.detail).toContain('only the dispatcher claims')
    }
  })

  it.each(['PAUSED', 'CANCELLING'])('as %s is refused where limits count it', async (type) => {
    expect((await create(await deploy(), type)).status).toBe(422)
  })

  it('is free without a deployment and a pool, as Prefect creates runs of flows that are called directly', async () => {
    for (const type of ['PENDING', 'RUNNING', 'PAUSED']) expect((await create(undefined, type)).status).toBe(201)
  })

  it.each(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'])('and has %s already is a record', async (type) => {
    const served = await deploy({ concurrency_limit: 0 })
    const pushed = await deploy({ work_pool_name: 'push', job_variables: { command: 'true' } })
    for (const deployment of [served, pushed]) {
      const { status, body } = await create(deployment, type)
      expect(status).toBe(201)
      expect(body).toMatchObject({ state_type: type, end_time: body.state.timestamp })
    }
    expect(await heldBy(served)).toBe(0)
  })

  it.each(['RUNNING', 'COMPLETED'])('as %s for a deployment or in a pool needs more than scope work', async (type) => {
    const closed = { ...world, settings: { ...world.settings, requireKeys: true } }
    const as = (scope: string, body: Json) =>
      api(closed).post('/flow_runs/', { flow_id: flowId, state: { type }, ...body }, { authorizer: { scope } })
    const own = [{ deployment_id: await deploy() }, { work_pool_name: 'pull' }]
    for (const body of own) expect((await as('work', body)).status).toBe(403)
    expect((await as('work', {})).status).toBe(201)
    expect((await as('operate', own[0])).status).toBe(201)
  })
})

describe('a limit of one can not be gone round', () => {
  const held = async () => {
    const served = await deploy({ concurrency_limit: 1 })
    const holder = await create(served, 'RUNNING')
    const { body: waiting } = await http.post(`/deployments/${served}/create_flow_run`)
    return { served, holder: holder.body.id as string, waiting: waiting.id as string }
  }

  it('by force', async () => {
    const { served, waiting } = await held()
    for (const type of ['RUNNING', 'PENDING', 'CANCELLING']) await propose(waiting, type, { force: true })
    expect(await heldBy(served)).toBe(1)
    expect((await readRun(world, waiting)).claim).toBeNull()
  })

  it('by a pause before the claim, which waits again once it is resumed', async () => {
    const { served, waiting } = await held()
    expect(await propose(waiting, 'PAUSED', { force: true })).toMatchObject({ status: 'ACCEPT' })
    expect(await propose(waiting, 'RUNNING', { force: true })).toMatchObject({ status: 'ABORT' })
    const { body } = await http.post(`/flow_runs/${waiting}/resume`)
    expect(body).toMatchObject({ status: 'ACCEPT', state: { type: 'SCHEDULED', name: 'Resuming' } })
    expect(await heldBy(served)).toBe(1)
  })

  it('by scheduling the holder again: that gives its slot back, and it takes one anew', async () => {
    const { served, holder, waiting } = await held()
    await propose(holder, 'SCHEDULED')
    expect(await heldBy(served)).toBe(0)
    expect(await propose(waiting, 'RUNNING')).toMatchObject({ status: 'ACCEPT' })
    expect((await propose(holder, 'RUNNING')).status).not.toBe('ACCEPT')
    expect(await heldBy(served)).toBe(1)
  })

  it('by a retry of a run that has ended', async () => {
    const { served, holder } = await held()
    await propose(holder, 'FAILED')
    await create(served, 'RUNNING')
    await propose(holder, 'SCHEDULED')
    for (const type of ['RUNNING', 'PENDING']) expect((await propose(holder, type)).status).not.toBe('ACCEPT')
    expect(await heldBy(served)).toBe(1)
  })

  it('by what a client says of the retry policy', async () => {
    const { served, holder } = await held()
    const policy = { retry_type: 'in_process', resuming: true, pause_keys: ['a'], retries: 3, retry_delay: 5 }
    expect((await http.patch(`/flow_runs/${holder}`, { empirical_policy: policy })).status).toBe(204)
    const { body } = await http.get(`/flow_runs/${holder}`)
    const own = { retry_type: null, resuming: false, pause_keys: [] }
    expect(body.empirical_policy).toMatchObject({ ...own, retries: 3, retry_delay: 5 })
    await setState(world, holder, { type: 'SCHEDULED' })
    expect(await heldBy(served)).toBe(0)
  })
})
