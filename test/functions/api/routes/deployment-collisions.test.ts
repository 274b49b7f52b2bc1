import { afterAll, beforeAll, expect, it } from 'vitest'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

/** Prefect's response to a worker that proposes PENDING for a run whose deployment has no slot left. */
let world: World
let http: ReturnType<typeof api>
let flowId: string
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
  await createWorkPool(world, { name: 'pull', type: 'process' })
})
afterAll(() => world.close())

/** Two runs of a deployment with this limit, and the responses to a worker that proposes PENDING for each. */
async function collide(limit: number, strategy?: string): Promise<{ id: string; answer: Json }[]> {
  const options = strategy && { concurrency_options: { collision_strategy: strategy } }
  const deployment = { name: `${strategy} ${limit}`, flow_id: flowId, work_pool_name: 'pull' }
  const { id } = (await http.post('/deployments/', { ...deployment, concurrency_limit: limit, ...options })).body
  const told: { id: string; answer: Json }[] = []
  for (let n = 0; n < 2; n += 1) {
    const run = (await http.post(`/deployments/${id}/create_flow_run`)).body
    const { body: answer } = await http.post(`/flow_runs/${run.id}/set_state`, { state: { type: 'PENDING' } })
    told.push({ id: run.id, answer })
  }
  const shown = (await http.get(`/deployments/${id}`)).body.global_concurrency_limit
  expect(shown).toMatchObject({ name: `deployment:${id}`, limit, active: true, active_slots: Math.min(1, limit) })
  return told
}

it.each([undefined, 'ENQUEUE'])('the second run waits for a slot (%s)', async (strategy) => {
  const [first, second] = await collide(1, strategy)
  expect(first?.answer.status).toBe('ACCEPT')
  expect(second?.answer).toMatchObject({
    status: 'REJECT',
    details: { reason: 'Deployment concurrency limit reached.' },
    state: { type: 'SCHEDULED', name: 'AwaitingConcurrencySlot' },
  })
  await http.post(`/flow_runs/${first?.id}/set_state`, { state: { type: 'CRASHED' } })
  const again = await http.post(`/flow_runs/${second?.id}/set_state`, { state: { type: 'PENDING' } })
  expect(again.body.status).toBe('ACCEPT')
})

it('the second run is cancelled from the start with CANCEL_NEW', async () => {
  const [first, second] = await collide(1, 'CANCEL_NEW')
  expect(first?.answer.status).toBe('ACCEPT')
  expect(second?.answer).toMatchObject({ status: 'ABORT' })
  const { state, state_type } = (await http.get(`/flow_runs/${second?.id}`)).body
  expect({ state_type, message: state.message }).toEqual({
    state_type: 'CANCELLED',
    message: 'Deployment concurrency limit reached.',
  })
})

it('with CANCEL_NEW a run that is due later is cancelled when it is claimed at its time, not before', async () => {
  const [first] = await collide(1, 'CANCEL_NEW')
  const { deployment_id } = (await http.get(`/flow_runs/${first?.id}`)).body
  const scheduled_time = formatInstant(addSeconds(world.clock.now(), 10))
  const later = { state: { type: 'SCHEDULED', state_details: { scheduled_time } } }
  const { id } = (await http.post(`/deployments/${deployment_id}/create_flow_run`, later)).body
  const claim = async () => (await http.post(`/flow_runs/${id}/set_state`, { state: { type: 'PENDING' } })).body
  expect(await claim()).toMatchObject({
    status: 'ABORT',
    details: { reason: 'The concurrency limit of its deployment is reached (1 of 1).' },
  })
  world.clock.pass(10)
  expect(await claim()).toMatchObject({
    status: 'REJECT',
    details: { reason: 'Deployment concurrency limit reached.' },
    state: { type: 'CANCELLED', message: 'Deployment concurrency limit reached.' },
  })
})

it.each([
  ['ENQUEUE', 'Scheduled', 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.'],
  ['CANCEL_NEW', 'Cancelled', 'Run is already in terminal state CANCELLED.'],
])('no run starts under a limit of 0 (%s)', async (strategy, name, reason) => {
  for (const { id, answer } of await collide(0, strategy)) {
    expect(answer).toMatchObject({ status: 'ABORT', details: { reason } })
    expect((await http.get(`/flow_runs/${id}`)).body.state_name).toBe(name)
  }
})

it('a refusal names the pool or queue that is in the way, and says why', async () => {
  const deployment = { name: 'in a queue', flow_id: flowId, work_pool_name: 'pull', work_queue_name: 'narrow' }
  const { id } = (await http.post('/deployments/', deployment)).body
  const refusal = async () => {
    const run = (await http.post(`/deployments/${id}/create_flow_run`)).body
    const { body } = await http.post(`/flow_runs/${run.id}/set_state`, { state: { type: 'PENDING' } })
    return body.details?.reason
  }
  const queue = '/work_pools/pull/queues/narrow'
  await http.patch(queue, { is_paused: true })
  expect(await refusal()).toBe("Work queue 'narrow' is paused.")
  await http.patch(queue, { is_paused: false, concurrency_limit: 0 })
  expect(await refusal()).toBe("The concurrency limit of work queue 'narrow' is reached (0 of 0).")
  await http.patch(queue, { concurrency_limit: null })
  await http.patch('/work_pools/pull', { is_paused: true })
  expect(await refusal()).toBe("Work pool 'pull' is paused.")
})
