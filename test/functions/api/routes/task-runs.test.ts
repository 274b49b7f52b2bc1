import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

const NOWHERE = '00000000-0000-0000-0000-000000000000'
let world: World
let http: ReturnType<typeof api>
let flowId: string
let deploymentId: string

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
  await createWorkPool(world, { name: 'pull', type: 'process' })
  const deployment = { name: 'sub', flow_id: flowId, work_pool_name: 'pull' }
  deploymentId = (await http.post('/deployments/', deployment)).body.id
})
afterAll(() => world.close())

const setRunState = (id: string, type: string, rest: Json = {}) =>
  http.post(`/flow_runs/${id}/set_state`, { state: { type }, ...rest })
const setTaskState = (id: string, state: Json, rest: Json = {}) =>
  http.post(`/task_runs/${id}/set_state`, { state, ...rest })

/** A flow that runs as a plain script. */
async function runningFlow(more: Json = {}): Promise<string> {
  const { body } = await http.post('/flow_runs/', { flow_id: flowId, ...more })
  await setRunState(body.id, 'RUNNING')
  return body.id
}
async function task(runId: string | null, more: Json = {}): Promise<Json> {
  const keys = { task_key: 'load', dynamic_key: '0' }
  return (await http.post('/task_runs/', { flow_run_id: runId, ...keys, ...more })).body
}
const list = async (path: string, body: Json) => (await http.post(path, body)).body.map(({ id }: Json) => id)

describe('a task run', () => {
  it('is unique by its keys within its flow run', async () => {
    const runId = await runningFlow()
    const body = { flow_run_id: runId, task_key: 'load', dynamic_key: '0', name: 'first' }
    const first = await http.post('/task_runs/', body)
    const again = await http.post('/task_runs/', { ...body, name: 'second' })
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body).toMatchObject({ id: first.body.id, name: 'first', state_type: 'PENDING', run_count: 0 })
    const others = [await task(runId, { dynamic_key: '1' }), await task(await runningFlow())]
    expect(new Set([first.body.id, ...others.map(({ id }) => id)]).size).toBe(3)
  })

  it('needs an existing flow run, or none', async () => {
    const keys = { task_key: 'load', dynamic_key: '0' }
    expect((await http.post('/task_runs/', { flow_run_id: NOWHERE, ...keys })).status).toBe(404)
    expect((await task(null)).id).not.toBe((await task(null)).id)
    const chosen = world.ids.uuid()
    expect(await task(null, { id: chosen })).toMatchObject({ id: chosen, flow_run_id: null })
  })

  it('goes through its states, which can all be read', async () => {
    const runId = await runningFlow()
    const { id } = await task(runId, { empirical_policy: { retries: 1, retry_delay: [0] } })
    expect((await setTaskState(id, { type: 'RUNNING' })).status).toBe(201)
    const failed = await setTaskState(id, { type: 'FAILED', message: 'boom' })
    expect(failed.body).toMatchObject({ status: 'REJECT', state: { type: 'SCHEDULED', name: 'AwaitingRetry' } })
    expect((await setTaskState(id, { type: 'RUNNING' })).body.state.name).toBe('Retrying')
    expect((await setTaskState(id, { type: 'COMPLETED' })).body.status).toBe('ACCEPT')
    const { body } = await http.get(`/task_runs/${id}`)
    expect(body).toMatchObject({ state_type: 'COMPLETED', run_count: 2, flow_run_run_count: 1 })
    expect(body.state.state_details).toMatchObject({ flow_run_id: runId, task_run_id: id })
    const states = (await http.get(`/task_run_states/?task_run_id=${id}`)).body
    expect(states.map(({ name }: Json) => name)).toEqual([
      'Pending',
      'Running',
      'AwaitingRetry',
      'Retrying',
      'Completed',
    ])
    expect((await http.get(`/task_run_states/${states[2].id}`)).body).toEqual(states[2])
    expect(states[4].id).toBe(body.state_id)
  })

  it('can be renamed and deleted', async () => {
    const { id } = await task(await runningFlow())
    expect((await http.patch(`/task_runs/${id}`, { name: 'new' })).status).toBe(204)
    expect((await http.get(`/task_runs/${id}`)).body.name).toBe('new')
    expect((await http.delete(`/task_runs/${id}`)).status).toBe(204)
    for (const gone of [() => http.delete(`/task_runs/${id}`), () => http.get(`/task_runs/${id}`)]) {
      expect((await gone()).status).toBe(404)
    }
    expect((await setTaskState(id, { type: 'RUNNING' })).status).toBe(404)
  })

  it('is deleted with its flow run', async () => {
    const runId = await runningFlow()
    const { id } = await task(runId, { task_inputs: { a: [{ input_type: 'constant', type: 'x'.repeat(1000) }] } })
    await setRunState(runId, 'COMPLETED')
    expect((await http.delete(`/flow_runs/${runId}`)).status).toBe(204)
    expect((await http.get(`/task_runs/${id}`)).status).toBe(404)
    expect((await http.get(`/task_run_states/?task_run_id=${id}`)).body).toEqual([])
  })
})

describe('a subflow', () => {
  const subflow = async (parentRunId: string, more: Json = {}) => {
    const parent = await task(parentRunId, { task_key: 'child', ...more })
    const { body } = await http.post('/flow_runs/', { flow_id: flowId, parent_task_run_id: parent.id })
    return { parent: parent.id, child: body.id }
  }

  it('passes its state on to the task run that stands for it', async () => {
    const { parent, child } = await subflow(await runningFlow())
    await setRunState(child, 'RUNNING')
    expect((await http.get(`/task_runs/${parent}`)).body).toMatchObject({ state_type: 'RUNNING', run_count: 1 })
    await setRunState(child, 'COMPLETED')
    const { body } = await http.get(`/task_runs/${parent}`)
    expect(body).toMatchObject({ state_type: 'COMPLETED', end_time: expect.any(String) })
    expect(body.state.state_details).toMatchObject({ child_flow_run_id: child, task_run_id: parent })
    expect((await http.get(`/flow_runs/${child}`)).body.state.state_details.task_run_id).toBe(parent)
    expect((await setTaskState(parent, { type: 'FAILED' }, { force: true })).body.status).toBe('ABORT')
    const states = (await http.get(`/task_run_states/?task_run_id=${parent}`)).body
    expect(states.map(({ type }: Json) => type)).toEqual(['PENDING', 'RUNNING', 'COMPLETED'])
  })

  it('is found by task run, flow run or both, the latest try last', async () => {
    const runId = await runningFlow()
    const { parent, child } = await subflow(runId)
    await setRunState(child, 'FAILED')
    world.clock.pass(1)
    const retry = (await http.post('/flow_runs/', { flow_id: flowId, parent_task_run_id: parent })).body.id
    await subflow(await runningFlow())
    const sort = 'EXPECTED_START_TIME_ASC'
    for (const flow_runs of [
      { parent_task_run_id: { any_: [parent] } },
      { parent_flow_run_id: { any_: [runId] } },
      { parent_task_run_id: { any_: [parent] }, parent_flow_run_id: { any_: [runId] } },
    ]) {
      expect(await list('/flow_runs/filter', { flow_runs, sort })).toEqual([child, retry])
    }
    expect(await list('/flow_runs/filter', { flow_runs: { parent_task_run_id: { any_: [NOWHERE] } } })).toEqual([])
    expect((await http.get(`/task_runs/${parent}`)).body.state.state_details.child_flow_run_id).toBe(retry)
    // Without its child it falls back to the one before.
    await setRunState(retry, 'FAILED')
    await http.delete(`/flow_runs/${retry}`)
    expect((await http.get(`/task_runs/${parent}`)).body.state.state_details.child_flow_run_id).toBe(child)
  })

  it('is found where one member of a filter is enough', async () => {
    const { parent, child } = await subflow(await runningFlow())
    const other = await runningFlow({ name: 'one of a kind' })
    const among = { id: { any_: [child, other] } }
    const found = async (flow_runs: Json) => new Set(await list('/flow_runs/filter', { flow_runs }))
    const named = { name: { any_: ['one of a kind'] } }
    expect(await found({ operator: 'or_', parent_task_run_id: { any_: [parent] }, ...named })).toEqual(
      new Set([child, other]),
    )
    const linkedOrAlone = { operator: 'or_', any_: [parent], is_null_: true }
    expect(await found({ parent_task_run_id: linkedOrAlone, ...among })).toEqual(new Set([child, other]))
    expect(await found({ parent_task_run_id: { any_: [parent], is_null_: true }, ...among })).toEqual(new Set())
    expect(await found({ parent_flow_run_id: { operator: 'or_', any_: [NOWHERE] }, ...among })).toEqual(new Set())
  })

  it('needs an existing task run', async () => {
    const { status, body } = await http.post('/flow_runs/', { flow_id: flowId, parent_task_run_id: NOWHERE })
    expect(status).toBe(422)
    expect(body.exception_detail[0].loc).toEqual(['body', 'parent_task_run_id'])
  })

  it('is cancelled after its parent, as are task runs left behind', async () => {
    const runId = await runningFlow()
    const { child } = await subflow(runId)
    await setRunState(child, 'RUNNING')
    const { id: taskId } = await task(runId)
    await setTaskState(taskId, { type: 'RUNNING' })
    const { id: tracker } = await task(runId, { task_key: 'deployed' })
    const wish = { parent_task_run_id: tracker }
    const deployed = (await http.post(`/deployments/${deploymentId}/create_flow_run`, wish)).body.id
    await setRunState(deployed, 'PENDING')
    await setRunState(runId, 'CANCELLING')
    await sweep(world)
    expect((await http.get(`/flow_runs/${child}`)).body.state_type).toBe('RUNNING')
    await setRunState(runId, 'CANCELLED')
    expect(await sweep(world)).toMatchObject({ subflowsCancelled: 3, failures: 0 })
    expect((await http.get(`/flow_runs/${child}`)).body.state).toMatchObject({
      type: 'CANCELLED',
      message: 'The parent flow run was cancelled.',
    })
    expect((await http.get(`/flow_runs/${deployed}`)).body.state_type).toBe('CANCELLING')
    expect((await http.get(`/task_runs/${taskId}`)).body.state_type).toBe('CANCELLED')
    expect(await sweep(world)).toMatchObject({ subflowsCancelled: 0 })
  })
})

describe('lists', () => {
  it('hold the task runs of some flow runs, filtered, sorted and paged', async () => {
    const runId = await runningFlow({ name: 'listed' })
    const [a, b, c] = [
      await task(runId, { name: 'a', tags: ['x'] }),
      await task(runId, { name: 'b', dynamic_key: '1' }),
      await task(runId, { name: 'c', dynamic_key: '2' }),
    ]
    await setTaskState(b.id, { type: 'RUNNING' })
    const flow_runs = { id: { any_: [runId] } }
    expect(await list('/task_runs/filter', { flow_runs })).toEqual([c.id, b.id, a.id])
    expect(await list('/task_runs/filter', { flow_runs, sort: 'NAME_ASC', limit: 1, offset: 1 })).toEqual([b.id])
    const where = async (task_runs: Json, more: Json = {}) => await list('/task_runs/filter', { task_runs, ...more })
    expect(await where({ state: { type: { any_: ['RUNNING'] } } }, { flow_runs })).toEqual([b.id])
    expect(await where({ tags: { all_: ['x'] }, flow_run_id: { any_: [runId] } })).toEqual([a.id])
    expect(await where({ id: { any_: [a.id, c.id] }, name: { like_: 'C' } })).toEqual([c.id])
    expect(await where({ id: { any_: [a.id] } }, { flow_runs: { name: { any_: ['listed'] } } })).toEqual([a.id])
    expect(await where({ id: { any_: [a.id] } }, { flow_runs: { name: { any_: ['other'] } } })).toEqual([])
    expect(await list('/task_runs/filter', { flow_runs: { name: { any_: ['listed'] } } })).toHaveLength(3)
    const either = { operator: 'or_', id: { any_: [a.id] }, state: { type: { any_: ['RUNNING'] } } }
    expect(await where(either, { flow_runs })).toEqual([b.id, a.id])
    const ofRunOrNone = { flow_run_id: { operator: 'or_', any_: [NOWHERE], is_null_: true } }
    expect(await where(ofRunOrNone, { flow_runs })).toEqual([])
    expect(await where({ flow_run_id: { operator: 'or_', any_: [runId] } }, { flow_runs })).toEqual([c.id, b.id, a.id])
    expect((await http.post('/task_runs/count', { flow_runs })).body).toBe(3)
    const page = (await http.post('/task_runs/paginate', { flow_runs, limit: 2, page: 2 })).body
    expect(page).toMatchObject({ count: 3, pages: 2, page: 2, results: [{ id: a.id }] })
  })

  it('of flow runs can filter by task run id', async () => {
    const runId = await runningFlow()
    const { id } = await task(runId)
    const asked = (task_runs: Json) => http.post('/flow_runs/filter', { task_runs })
    expect((await asked({ id: { any_: [id] } })).body).toMatchObject([{ id: runId }])
    expect((await asked({ id: { any_: [id] }, name: { any_: ['other'] } })).body).toEqual([])
    expect((await asked({ id: null, operator: 'and_' })).status).toBe(200)
    for (const wide of [{ state: { type: { any_: ['FAILED'] } } }, { operator: 'or_', id: { any_: [id] } }]) {
      expect(await asked(wide)).toMatchObject({
        status: 422,
        body: { exception_detail: [{ loc: ['body', 'task_runs', 'id', 'any_'] }] },
      })
    }
  })
})
