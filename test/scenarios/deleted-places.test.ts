import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { getPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'
import { poolIdOf } from '#shared/work-pool/work-pool.ts'
import { queueIdOf } from '#shared/work-queue/work-queue.ts'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { api, type Json } from '../support/api.ts'
import { aRun } from '../support/fixtures/a-run.ts'
import { inSeconds, NO_DEADLINE, readRun } from '../support/fixtures/fixtures.ts'
import { openStage, passAndTick, type Stage, settle } from '../support/stage.ts'

let engine: DynamoDbEngine
beforeAll(async () => {
  engine = await startDynoxide()
})
afterAll(() => engine.stop())

let stage: Stage
let http: ReturnType<typeof api>
let flow: string
beforeEach(async () => {
  stage = await openStage(engine)
  http = api(stage.deps)
  flow = (await http.post('/flows/', { name: 'etl' })).body.id
})
afterEach(() => stage.close())

const pool = (name: string, type = 'process') => http.post('/work_pools/', { name, type })
const deploy = async (name: string, place: Json): Promise<string> =>
  (await http.post('/deployments/', { flow_id: flow, name, ...place })).body.id
const runOf = (deployment: string, body: Json = {}) => http.post(`/deployments/${deployment}/create_flow_run`, body)
const propose = (run: string, type: string, rest: Json = {}) =>
  http.post(`/flow_runs/${run}/set_state`, { state: { type, ...rest } })
const stateOf = async (run: string) => (await http.get(`/flow_runs/${run}`)).body.state
const scheduled = async () =>
  (await http.post('/flow_runs/filter', { flow_runs: { state: { type: { any_: ['SCHEDULED'] } } } })).body.map(
    (run: Json) => run.id,
  )
/** A run that was written just as its pool or queue went, so that no request has seen it. */
async function straggler(poolName: string, queueName: string, changes: Partial<FlowRun> = {}): Promise<string> {
  const poolId = poolIdOf(poolName)
  const id = stage.world.ids.uuid()
  await createRun(stage.deps.table, aRun({ id, poolId, queueId: queueIdOf(poolId, queueName), ...changes }))
  return id
}
/** Where stragglers may be: in line, due later, waiting for a limit. */
const places = (): Partial<FlowRun>[] => [
  {},
  { nextScheduledStartTime: inSeconds(stage.deps, 7_200), updated: stage.world.clock.now() },
  { blockedBy: deploymentLimit('some') },
]
const ticks = async (count: number) => {
  for (let tick = 0; tick < count; tick += 1) await passAndTick(stage, 60)
}

describe('deleting a pool', () => {
  it('cancels the runs that wait there by what they say, and not those of its deployments that wait elsewhere', async () => {
    await pool('pa')
    await pool('pb')
    const id = await deploy('moved', { work_pool_name: 'pb', concurrency_limit: 1 })
    const runs: string[] = []
    for (let n = 0; n < 3; n += 1) runs.push((await runOf(id)).body.id)
    for (const run of runs) await propose(run, 'PENDING')
    const [held = '', ...parked] = runs
    await http.patch(`/deployments/${id}`, { work_pool_name: 'pa' })
    expect((await http.delete('/work_pools/pa')).status).toBe(204)
    for (const run of parked) expect((await stateOf(run)).type).toBe('SCHEDULED')
    expect((await scheduled()).toSorted()).toEqual(parked.toSorted())
    await propose(held, 'CANCELLED')
    expect((await http.delete('/work_pools/pb')).status).toBe(204)
    for (const run of parked) {
      expect(await stateOf(run)).toMatchObject({
        type: 'CANCELLED',
        message: "Work pool 'pb' of the run was deleted.",
      })
    }
  })

  it('leaves no run behind that was created while it was: each is listed, counted and ended', async () => {
    await pool('brief')
    await http.delete('/work_pools/brief')
    const runs: string[] = []
    for (const place of places()) runs.push(await straggler('brief', 'default', place))
    expect((await scheduled()).toSorted()).toEqual(runs.toSorted())
    const count = await http.post('/flow_runs/count', { flow_runs: { state: { type: { any_: ['SCHEDULED'] } } } })
    expect(count.body).toBe(3)
    await ticks(1)
    for (const run of runs) expect((await readRun(stage.deps, run)).state).toMatchObject({ type: 'CANCELLED' })
  })

  it('is known until its lines are empty, and then forgotten', async () => {
    await pool('known')
    await http.delete('/work_pools/known')
    const lines = () => getPoolLines(stage.deps.table, poolIdOf('known'))
    await ticks(10)
    const run = await straggler('known', 'default')
    expect(await lines()).toMatchObject({ name: 'known', push: false })
    await ticks(5)
    expect((await readRun(stage.deps, run)).state.type).toBe('CANCELLED')
    await ticks(2)
    expect(await lines()).toBeUndefined()
  })

  it('is finished by the sweep when the request is cut short', async () => {
    await pool('cut')
    const id = await deploy('cut', { work_pool_name: 'cut' })
    const run = (await runOf(id)).body.id
    const { life, name } = (await getPoolLines(stage.deps.table, poolIdOf('cut'))) ?? { life: '', name: '' }
    const deletion = { kind: 'pool', id: poolIdOf('cut'), life, name } as const
    await markDeleting(stage.deps.table, `pool#${poolIdOf('cut')}`, deletion, stage.world.clock.now())
    await ticks(1)
    expect((await http.get('/work_pools/cut')).status).toBe(404)
    expect((await stateOf(run)).type).toBe('CANCELLED')
  })
})

it('runs of queues that are gone are ended, wherever they wait in the pool', async () => {
  await pool('live')
  const runs: string[] = []
  for (const place of places()) runs.push(await straggler('live', 'gone', place))
  await ticks(5)
  for (const run of runs) {
    const { state } = await readRun(stage.deps, run)
    expect(state).toMatchObject({ type: 'CANCELLED', message: 'The work queue of the run was deleted.' })
  }
})

describe('a run that comes back', () => {
  async function suspended(place: Json): Promise<string> {
    const id = await deploy('suspended', place)
    const run = (await runOf(id)).body.id
    await propose(run, 'PENDING')
    await propose(run, 'RUNNING')
    await propose(run, 'PAUSED', { state_details: { pause_reschedule: true } })
    return run
  }

  it('is not put into a pool that was deleted, and the answer says so', async () => {
    await pool('left')
    const run = await suspended({ work_pool_name: 'left' })
    const ended = (await runOf(await deploy('ended', { work_pool_name: 'left' }))).body.id
    await propose(ended, 'CANCELLED')
    await http.delete('/work_pools/left')
    const reason = "Work pool 'left' of the run was deleted."
    const resume = await http.post(`/flow_runs/${run}/resume`)
    expect(resume.body).toMatchObject({ status: 'ABORT', details: { reason } })
    expect((await propose(ended, 'SCHEDULED')).body).toMatchObject({ status: 'ABORT', details: { reason } })
    expect((await stateOf(run)).type).toBe('PAUSED')
  })

  it.each([{}, { work_pool_name: 'left' }])('is not put into line when its deployment was deleted', async (place) => {
    await pool('left')
    const run = await suspended(place)
    const { deployment_id: id } = (await http.get(`/flow_runs/${run}`)).body
    const [ended, running] = [(await runOf(id)).body.id, (await runOf(id)).body.id]
    await propose(ended, 'CANCELLED')
    await propose(running, 'RUNNING')
    await http.delete(`/deployments/${id}`)
    await ticks(2)
    const reason = 'The deployment of the run was deleted.'
    const resume = await http.post(`/flow_runs/${run}/resume`)
    expect(resume.body).toMatchObject({ status: 'ABORT', details: { reason } })
    expect((await propose(ended, 'SCHEDULED')).body).toMatchObject({ status: 'ABORT', details: { reason } })
    expect((await propose(running, 'SCHEDULED')).body).toMatchObject({ status: 'REJECT', state: { type: 'CANCELLED' } })
    expect(await scheduled()).toEqual([])
  })

  it('finds its queue again, created under its name', async () => {
    await pool('kept')
    const run = await suspended({ work_pool_name: 'kept', work_queue_name: 'q' })
    await http.delete('/work_pools/kept/queues/q')
    expect((await http.post(`/flow_runs/${run}/resume`)).body.status).toBe('ACCEPT')
    expect((await http.get(`/flow_runs/${run}`)).body).toMatchObject({ work_queue_name: 'q', work_pool_name: 'kept' })
    expect((await http.get('/work_pools/kept/queues/q')).status).toBe(200)
  })
})

describe('a deployment', () => {
  it('whose pool is gone is not ready, and takes no runs', async () => {
    await pool('pushed', 'ecs:push')
    const id = await deploy('pushed', { work_pool_name: 'pushed', job_variables: { command: 'true' } })
    expect((await http.get(`/deployments/${id}`)).body.status).toBe('READY')
    await http.delete('/work_pools/pushed')
    expect((await http.get(`/deployments/${id}`)).body.status).toBe('NOT_READY')
    const refused = [await runOf(id), await http.post('/flow_runs/', { flow_id: flow, deployment_id: id })]
    for (const { status, body } of refused) {
      expect([status, body.detail]).toEqual([409, expect.stringContaining("Work pool 'pushed'") as string])
    }
    expect(await scheduled()).toEqual([])
  })

  it('whose queue is gone is not ready until its next run, which creates the queue again', async () => {
    await pool('queued', 'ecs:push')
    const place = { work_pool_name: 'queued', work_queue_name: 'gone', job_variables: { command: 'true' } }
    const id = await deploy('queued', place)
    await http.delete('/work_pools/queued/queues/gone')
    expect((await http.get(`/deployments/${id}`)).body.status).toBe('NOT_READY')
    const run = await runOf(id)
    expect([run.status, run.body.work_queue_name]).toEqual([201, 'gone'])
    expect((await http.get(`/deployments/${id}`)).body.status).toBe('READY')
    await settle(stage)
    await ticks(2)
    expect((await stateOf(run.body.id)).type).toBe('COMPLETED')
  })

  it('follows the name of its queue when that is deleted, and was not the first of the name', async () => {
    await pool('named', 'ecs:push')
    await http.post('/work_pools/named/queues', { name: 'q' })
    await http.patch('/work_pools/named/queues/q', { name: 'first' })
    const place = { work_pool_name: 'named', work_queue_name: 'q', job_variables: { command: 'true' } }
    const id = await deploy('named', place)
    await http.delete('/work_pools/named/queues/first')
    await http.delete('/work_pools/named/queues/q')
    expect((await runOf(id)).body.work_queue_name).toBe('q')
    const queue = (await http.get('/work_pools/named/queues/q')).body.id
    expect((await http.get(`/deployments/${id}`)).body).toMatchObject({ status: 'READY', work_queue_id: queue })
  })

  it.each(['/work_pools/held/queues/now', '/work_pools/held'])(
    'whose queue was renamed before %s was deleted goes on under the new name, not in another of the old one',
    async (path) => {
      await pool('held', 'ecs:push')
      const place = { work_pool_name: 'held', work_queue_name: 'then', job_variables: { command: 'true' } }
      const id = await deploy('held', place)
      await http.patch('/work_pools/held/queues/then', { name: 'now' })
      await http.post('/work_pools/held/queues', { name: 'then' })
      await http.delete(path)
      await pool('held', 'ecs:push')
      expect((await http.get(`/deployments/${id}`)).body.work_queue_name).toBe('now')
      expect((await runOf(id)).body.work_queue_name).toBe('now')
    },
  )

  it('gives each of its keys a run of its own, whatever other deployments of the flow use', async () => {
    await pool('keys')
    const [one, two] = [
      await deploy('staging', { work_pool_name: 'keys' }),
      await deploy('prod', { work_pool_name: 'keys' }),
    ]
    const first = await runOf(one, { idempotency_key: 'k' })
    expect((await runOf(one, { idempotency_key: 'k' })).body.id).toBe(first.body.id)
    const other = await runOf(two, { idempotency_key: 'k' })
    expect([other.status, other.body.deployment_id]).toEqual([201, two])
  })

  it('is deleted with the runs that wait for it in any pool, however many of its runs have ended', async () => {
    await pool('here')
    await pool('there')
    const id = await deploy('leaving', { work_pool_name: 'here' })
    const waiting: string[] = []
    for (const name of ['here', 'there']) {
      await http.patch(`/deployments/${id}`, { work_pool_name: name })
      waiting.push((await runOf(id)).body.id)
      const later = new Date(stage.world.clock.now() / 1000 + 7_200_000).toISOString()
      const state = { type: 'SCHEDULED', state_details: { scheduled_time: later } }
      waiting.push((await runOf(id, { state })).body.id)
    }
    expect((await http.delete(`/deployments/${id}`)).status).toBe(204)
    for (const run of waiting) {
      expect(await stateOf(run)).toMatchObject({
        type: 'CANCELLED',
        message: 'The deployment of the run was deleted.',
      })
    }
    expect((await http.delete(`/deployments/${id}`)).status).toBe(404)
  })

  it.each(['process', 'ecs:push'])(
    'that is being deleted has no more runs started in a pool of type %s, as explain says',
    async (type) => {
      await pool('here', type)
      const id = await deploy('leaving', { work_pool_name: 'here', job_variables: { command: 'true' } })
      const run = (await runOf(id)).body.id
      const { table, clock } = stage.deps
      const { life = '' } = (await getDeployment(table, id)) ?? {}
      await markDeploymentDeleting(table, { id, life, name: 'leaving' }, clock.now())
      const { body } = await http.get(`/flow_runs/${run}/explain`)
      expect(body.message).toBe('Its deployment is being deleted; the run will be cancelled.')
      if (type === 'process') await propose(run, 'PENDING')
      else await dispatchPool(stage.deps, poolIdOf('here'), NO_DEADLINE)
      expect(await stateOf(run)).toMatchObject({ type: 'CANCELLED', message: 'The deployment of the run was deleted.' })
      expect(stage.ecs.started).toEqual([])
    },
  )
})

it('a plain command that was created before its pool pushed is launched and judged as a command', async () => {
  const { deps } = stage
  await pool('changed')
  const id = await deploy('changed', { work_pool_name: 'changed', job_variables: { command: 'true' } })
  const deployment = await getDeployment(deps.table, id)
  if (!deployment) throw new Error('no deployment')
  await http.delete('/work_pools/changed')
  await pool('changed', 'ecs:push')
  const queue = { poolId: deployment.poolId ?? '', queueId: deployment.queueId ?? '' }
  const { run } = await createFlowRun(deps, { flowId: flow, deploymentId: id }, { deployment, queue })
  expect(run.job).toBe(null)
  await ticks(1)
  await settle(stage)
  expect(await readRun(deps, run.id)).toMatchObject({ job: 'command', state: { type: 'COMPLETED' } })
})
