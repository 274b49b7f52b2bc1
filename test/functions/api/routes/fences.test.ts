import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { api, type Json } from '../../../support/api.ts'
import { readRun } from '../../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../../support/world.ts'
import { watchWriteUnits } from '../../../support/write-units.ts'

let world: World
let http: ReturnType<typeof api>
let deployment: string
let flowId: string
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
  await http.post('/work_pools/', { name: 'pull', type: 'process' })
  const wanted = { name: 'd', flow_id: flowId, work_pool_name: 'pull' }
  deployment = (await http.post('/deployments/', wanted)).body.id
})
afterAll(() => world.close())

const propose = (id: string, type: string, options?: Json) =>
  http.post(`/flow_runs/${id}/set_state`, { state: { type } }, options)
const claimOf = (text: string) => ({ headers: { 'x-pushpool-generation': text } })

/** A run that was claimed, scheduled again and claimed again; and the claims of its processes, by the header. */
let runId: string
let taskId: string
let old: string
let current: string
beforeEach(async () => {
  runId = (await http.post(`/deployments/${deployment}/create_flow_run`)).body.id
  await propose(runId, 'PENDING')
  old = startedByOf(await readRun(world, runId))
  await propose(runId, 'SCHEDULED')
  await propose(runId, 'RUNNING')
  current = startedByOf(await readRun(world, runId))
  const task = { flow_run_id: runId, task_key: 'k', dynamic_key: '0' }
  taskId = (await http.post('/task_runs/', task)).body.id
  await http.post(`/flow_runs/${runId}/input`, { key: 'given', value: '1' })
})

const WRITES: [what: string, method: string, path: () => string, body?: () => Json][] = [
  ['its name', 'PATCH', () => `/flow_runs/${runId}`, () => ({ name: 'mine' })],
  ['its policy', 'PATCH', () => `/flow_runs/${runId}`, () => ({ empirical_policy: { retries: 9 } })],
  ['its labels', 'PATCH', () => `/flow_runs/${runId}/labels`, () => ({ a: 1 })],
  ['a new input', 'POST', () => `/flow_runs/${runId}/input`, () => ({ key: 'k', value: '1' })],
  ['the end of an input', 'DELETE', () => `/flow_runs/${runId}/input/given`],
  [
    'a task run',
    'POST',
    () => '/task_runs/',
    () => ({ flow_run_id: runId, task_key: 'new', dynamic_key: '0', state: { type: 'RUNNING' } }),
  ],
  ["a task run's state", 'POST', () => `/task_runs/${taskId}/set_state`, () => ({ state: { type: 'RUNNING' } })],
  ["a task run's name", 'PATCH', () => `/task_runs/${taskId}`, () => ({ name: 'mine' })],
  ['a subflow', 'POST', () => '/flow_runs/', () => ({ flow_id: flowId, parent_task_run_id: taskId })],
]
const send = ([, method, path, body]: (typeof WRITES)[number], claim: string) =>
  http.send(method, path(), body?.(), claimOf(claim))

it.each(WRITES)('a process of an old generation can not write %s', async (...write) => {
  const before = await snapshot()
  const { status, body } = await send(write, old)
  expect([status, body.code]).toEqual([409, 'stale_generation'])
  expect((await send(write, '1')).status).toBe(409)
  expect(await snapshot()).toEqual(before)
})

it('the process of the current generation, and one that names a claim on another run, can write all of that', async () => {
  const statuses: number[] = []
  for (const write of WRITES) statuses.push((await send(write, current)).status)
  await http.post(`/flow_runs/${runId}/input`, { key: 'given', value: '1' })
  await http.delete(`/flow_runs/${runId}/input/k`)
  for (const write of WRITES) statuses.push((await send(write, old.replace(runId, deployment))).status)
  expect(statuses.filter((status) => status >= 300)).toEqual([])
})

it('one of an old generation can neither resume nor delete the run', async () => {
  await propose(runId, 'PAUSED')
  expect(await http.post(`/flow_runs/${runId}/resume`, {}, claimOf(old))).toMatchObject({
    status: 409,
    body: { code: 'stale_generation' },
  })
  expect((await readRun(world, runId)).state.type).toBe('PAUSED')
  expect((await http.post(`/flow_runs/${runId}/resume`, {}, claimOf(current))).body.status).toBe('ACCEPT')
  await propose(runId, 'COMPLETED')
  expect((await http.delete(`/flow_runs/${runId}`, claimOf(old))).status).toBe(409)
  expect((await http.delete(`/flow_runs/${runId}`, claimOf(current))).status).toBe(204)
})

it('a process of another life can write nothing, whatever the generation', async () => {
  const other = current.replace(/\/[0-9a-f]{16}\//, '/0123456789abcdef/')
  const { status, body } = await http.patch(`/flow_runs/${runId}`, { name: 'mine' }, claimOf(other))
  expect([status, body.code]).toEqual([409, 'stale_generation'])
  const { refusedWrites } = await readRun(world, runId)
  expect(refusedWrites.last).toMatchObject([{ life: '0123456789abcdef', what: 'update' }])
})

it('a process whose run was taken back can write nothing, though no other has it yet', async () => {
  await propose(runId, 'SCHEDULED')
  expect((await http.patch(`/flow_runs/${runId}`, { name: 'mine' }, claimOf(current))).status).toBe(409)
})

it('refused writes are kept, one of a kind, however often they are tried', async () => {
  for (const type of ['RUNNING', 'COMPLETED', 'FAILED']) await propose(runId, type, claimOf(old))
  await http.patch(`/flow_runs/${runId}`, { name: 'mine' }, claimOf(old))
  const last = [
    { at: expect.any(Number), generation: 1, life: null, what: 'set_state' },
    { at: expect.any(Number), generation: 1, life: null, what: 'update' },
  ]
  expect((await readRun(world, runId)).refusedWrites).toEqual({ count: 2, last })
  const watch = watchWriteUnits(world.table)
  watch.step('again')
  for (let n = 0; n < 5; n += 1) await propose(runId, 'COMPLETED', claimOf(old))
  expect(watch.units().again ?? 0).toBe(0)
})

/** What clients can see of the run. */
async function snapshot(): Promise<Json> {
  const { revision: _, refusedWrites: __, ...run } = await readRun(world, runId)
  const inputs = await http.post(`/flow_runs/${runId}/input/filter`, { prefix: '', limit: 10 })
  const tasks = await http.post('/task_runs/filter', { flow_runs: { id: { any_: [runId] } } })
  return { run, inputs: inputs.body, tasks: tasks.body }
}
