import { afterAll, beforeAll, expect, it } from 'vitest'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
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

it('the second run is cancelled with CANCEL_NEW', async () => {
  const [, second] = await collide(1, 'CANCEL_NEW')
  expect(second?.answer).toMatchObject({
    status: 'REJECT',
    details: { reason: 'Deployment concurrency limit reached.' },
    state: { type: 'CANCELLED', message: 'Deployment concurrency limit reached.' },
  })
})

it('no run starts under a limit of 0, and none is parked or cancelled for it', async () => {
  for (const { id, answer } of await collide(0, 'CANCEL_NEW')) {
    const reason = 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.'
    expect(answer).toMatchObject({ status: 'ABORT', details: { reason } })
    expect((await http.get(`/flow_runs/${id}`)).body.state_name).toBe('Scheduled')
  }
})
