import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { NEVER } from '#shared/instant.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { api } from '../support/api.ts'
import { withInterceptor } from '../support/faults/faulty-calls.ts'
import { commandDeployment, createRuns, readLimit, readRun } from '../support/fixtures/fixtures.ts'
import { openStage, passAndTick, type Stage } from '../support/stage.ts'

let engine: DynamoDbEngine
let stage: Stage
let client: ReturnType<typeof api>
beforeAll(async () => {
  engine = await startDynoxide()
})
beforeEach(async () => {
  stage = await openStage(engine)
  client = api(stage.deps)
})
afterEach(() => stage.close())
afterAll(() => engine.stop())

/** A run that a stock worker took in a pull pool, RUNNING. */
async function workersRun(silentWorkerMinutes: number | null) {
  const pool = await createWorkPool(stage.deps, { name: 'pull', type: 'process', silentWorkerMinutes })
  const deployment = await commandDeployment(stage.deps, { pool, entrypoint: 'flow.py:main' })
  const [run] = await createRuns(stage.deps, deployment, 1)
  if (!run) throw new Error('no run')
  await propose(run.id, 'PENDING')
  await propose(run.id, 'RUNNING')
  return { id: run.id, pool, deployment }
}
const propose = (runId: string, type: string) => client.post(`/flow_runs/${runId}/set_state`, { state: { type } })
const typeOf = async (runId: string) => (await readRun(stage.deps, runId)).state.type
async function minutes(n: number, each: () => Promise<unknown> = () => Promise.resolve()) {
  for (let minute = 0; minute < n; minute += 1) {
    await passAndTick(stage, 60)
    await each()
  }
}
const log = (runId: string) =>
  client.post('/logs/', [
    { name: 'flow', level: 20, message: 'on', timestamp: '2026-01-15T12:00:00Z', flow_run_id: runId },
  ])

it('a run whose worker died ends when the time is up, and frees its slot', async () => {
  const { id, pool } = await workersRun(5)
  await minutes(5)
  expect(await typeOf(id)).toBe('RUNNING')
  await minutes(2)
  expect((await readRun(stage.deps, id)).state).toMatchObject({
    type: 'CRASHED',
    message: 'The worker that held this run was silent for 5 minutes.',
  })
  expect(await readLimit(stage.deps, poolLimit(pool.id))).toMatchObject({ active: 0 })
})

it('without the setting it is held for ever, and nothing is written or looked up', async () => {
  const { id } = await workersRun(null)
  const { revision } = await readRun(stage.deps, id)
  await minutes(30, () => log(id))
  expect(await readRun(stage.deps, id)).toMatchObject({ revision, state: { type: 'RUNNING' } })
})

it.each([
  ['log lines', (id: string) => log(id)],
  ['a look at its own state', (id: string) => client.get(`/flow_runs/${id}`)],
  ['a change of its tags', (id: string) => client.patch(`/flow_runs/${id}`, { tags: ['on'] })],
  ['a new task run', (id: string) => client.post('/task_runs/', { flow_run_id: id, task_key: 'k', dynamic_key: '0' })],
  [
    'an artifact',
    (id: string) => client.post('/artifacts/', { key: 'a', type: 'markdown', data: 'x', flow_run_id: id }),
  ],
  [
    'an input',
    (id: string) => client.post(`/flow_runs/${id}/input/filter`, { prefix: 'x', limit: 1, exclude_keys: [] }),
  ],
])('%s are a sign of life', async (_what, call) => {
  const { id } = await workersRun(3)
  await minutes(12, () => call(id))
  expect(await typeOf(id)).toBe('RUNNING')
  await minutes(6)
  expect(await typeOf(id)).toBe('CRASHED')
})

it('calls are written down once in a third of the time at most', async () => {
  const { id } = await workersRun(30)
  const writes: string[] = []
  const watched = withInterceptor(stage.deps, ({ name, input }, go) => {
    const { Key: key } = input as { Key?: { pk?: { S?: string } } }
    if (name === 'dynamodb UpdateItemCommand' && key?.pk?.S === `run#${id}`) writes.push(name)
    return go()
  })
  await minutes(1)
  client = api(watched)
  await minutes(40, async () => {
    await log(id)
    await log(id)
  })
  expect(writes.length).toBeLessThanOrEqual(5)
  expect(await typeOf(id)).toBe('RUNNING')
})

it('a service that was down for an hour ends nothing of the workers that live', async () => {
  const { id } = await workersRun(5)
  await minutes(2, () => log(id))
  await passAndTick(stage, 3_600)
  expect(await typeOf(id)).toBe('RUNNING')
  await minutes(10, () => log(id))
  expect(await typeOf(id)).toBe('RUNNING')
})

it('nor does one that ticked, but did not answer', async () => {
  const { id } = await workersRun(5)
  await minutes(2, () => log(id))
  stage.world.answering = false
  await minutes(60)
  stage.world.answering = true
  await minutes(4)
  expect(await typeOf(id)).toBe('RUNNING')
  await minutes(4)
  expect(await typeOf(id)).toBe('CRASHED')
})

it('the setting counts from when it is turned on, and no more once it is turned off', async () => {
  const { id, deployment } = await workersRun(null)
  await minutes(30)
  await client.patch('/work_pools/pull', { silent_worker_minutes: 5 })
  expect((await client.get('/work_pools/pull')).body).toMatchObject({ silent_worker_minutes: 5 })
  await minutes(5)
  expect(await typeOf(id)).toBe('RUNNING')
  await minutes(2)
  expect(await typeOf(id)).toBe('CRASHED')
  const [next] = await createRuns(stage.deps, deployment, 1)
  await propose(next?.id ?? '', 'PENDING')
  await minutes(2)
  await client.patch('/work_pools/pull', { silent_worker_minutes: null })
  await minutes(20)
  expect(await readRun(stage.deps, next?.id ?? '')).toMatchObject({
    state: { type: 'PENDING' },
    claim: { leaseUntil: NEVER },
  })
})

it('what the dispatcher holds is not asked for signs of life', async () => {
  const pool = await createWorkPool(stage.deps, { name: 'push', type: 'ecs:push', silentWorkerMinutes: 1 })
  const deployment = await commandDeployment(stage.deps, { pool })
  stage.ecs.script = () => ({ runsForSeconds: null })
  const [run] = await createRuns(stage.deps, deployment, 1)
  await minutes(40)
  expect(await typeOf(run?.id ?? '')).toBe('RUNNING')
})
