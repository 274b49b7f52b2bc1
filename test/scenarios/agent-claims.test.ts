import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { NEVER } from '#shared/instant.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { listDueSessions } from '#shared/storage/agent/list-sessions.ts'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { api, type Json } from '../support/api.ts'
import { withInterceptor } from '../support/faults/faulty-calls.ts'
import { ClaimingAgent } from '../support/fixtures/claiming-agent.ts'
import { commandDeployment, createRuns, inSeconds, readLimit, readRun } from '../support/fixtures/fixtures.ts'
import { openStage, passAndTick, type Stage } from '../support/stage.ts'

let engine: DynamoDbEngine
let stage: Stage
beforeAll(async () => {
  engine = await startDynoxide()
})
beforeEach(async () => {
  stage = await openStage(engine)
})
afterEach(() => stage.close())
afterAll(() => engine.stop())

async function place(options: { poolLimit?: number; queueLimit?: number } = {}) {
  const { deps } = stage
  const pool = await createWorkPool(deps, { name: 'host', type: 'process', concurrencyLimit: options.poolLimit })
  const queue = await createWorkQueue(deps, 'host', { name: 'work', concurrencyLimit: options.queueLimit })
  const jobVariables = { command: 'echo hi', env: { A: 1 }, timeout_seconds: 5 }
  const deployment = await commandDeployment(deps, { pool, queueId: queue.id, jobVariables })
  return { pool, queue, deployment }
}
const agentOf = (name = 'a', settings: ConstructorParameters<typeof ClaimingAgent>[3] = {}) =>
  new ClaimingAgent(stage.deps, 'host', name, { queues: ['work'], ...settings })
const typeOf = async (runId: string) => (await readRun(stage.deps, runId)).state.type
const idsOf = (runs: readonly Json[]) => runs.map((run) => run.flow_run.id)

describe('an agent', () => {
  it('is given as many runs as it has slots, with their jobs, and holds their slots', async () => {
    const { deployment, pool } = await place()
    const runs = await createRuns(stage.deps, deployment, 5)
    const reply = await agentOf().claim()
    expect(idsOf(reply.runs)).toEqual(runs.slice(0, 3).map(({ id }) => id))
    expect(reply.runs[0]).toMatchObject({
      generation: 1,
      due_in_seconds: 0,
      flow_name: 'job',
      work_pool_type: 'process',
      on_agent_lost: 'crash',
      flow_run: { state_type: 'PENDING', work_queue_name: 'work' },
      job: { kind: 'command', command: ['echo', 'hi'], env: { A: '1' }, timeout_seconds: 5 },
    })
    expect(await readLimit(stage.deps, poolLimit(pool.id))).toMatchObject({ active: 3 })
  })

  it('is given none beyond the limits of its queue', async () => {
    const { deployment } = await place({ queueLimit: 2 })
    await createRuns(stage.deps, deployment, 5)
    expect((await agentOf('a').claim()).runs).toHaveLength(2)
    expect((await agentOf('b').claim()).runs).toHaveLength(0)
  })

  it('is given runs of the first queue that it names before any of the second', async () => {
    const { pool, queue, deployment } = await place()
    const other = await createWorkQueue(stage.deps, 'host', { name: 'urgent' })
    const urgent = await commandDeployment(stage.deps, { pool, queueId: other.id, name: 'urgent' })
    const late = await createRuns(stage.deps, deployment, 2)
    stage.world.clock.pass(5)
    const soon = await createRuns(stage.deps, urgent, 2)
    expect(queue.priority).toBeLessThan(other.priority)
    const reply = await agentOf('a', { queues: ['urgent', 'work'] }).claim()
    expect(idsOf(reply.runs)).toEqual([...soon, late[0]].map((run) => run?.id))
  })

  it('is given the last of the first queue before any of the second, behind a long row that can not start', async () => {
    const { pool, queue } = await place()
    const other = await createWorkQueue(stage.deps, 'host', { name: 'other' })
    const inQueue = async (name: string, queueId: string, concurrencyLimit?: number) =>
      await commandDeployment(stage.deps, { pool, queueId, name, ...(concurrencyLimit ? { concurrencyLimit } : {}) })
    const [first] = await createRuns(stage.deps, await inQueue('one-at-once', queue.id, 1), 9)
    const [last] = await createRuns(stage.deps, await inQueue('free', queue.id), 1)
    await createRuns(stage.deps, await inQueue('second', other.id), 3)
    const reply = await agentOf('a', { queues: ['work', 'other'], free: { slots: 2 } }).claim()
    expect(idsOf(reply.runs)).toEqual([first?.id, last?.id])
  })

  it('is given the last of the first queue before any of the second, behind a long row that it may not hold', async () => {
    const { pool, queue, deployment } = await place()
    await createWorkQueue(stage.deps, 'host', { name: 'other' })
    const [first] = await createRuns(stage.deps, deployment, 30)
    const client = api(stage.deps)
    const { body: flow } = await client.post('/flows/', { name: 'light' })
    const runIn = async (work_queue_name: string) => {
      const where = { work_pool_name: pool.name, work_queue_name }
      const settings = { name: work_queue_name, flow_id: flow.id, ...where, job_variables: { command: 'true' } }
      const { body } = await client.post('/deployments/', settings)
      return (await client.post(`/deployments/${body.id}/create_flow_run`)).body.id as string
    }
    await runIn('other')
    const last = await runIn(queue.name)
    const limits = { flow_limits: { by_flow: { job: 1 } } }
    const reply = await agentOf('a', { queues: ['work', 'other'], free: { slots: 2 }, ...limits }).claim()
    expect(idsOf(reply.runs)).toEqual([first?.id, last])
  })

  it('takes turns among its queues where it asks for that', async () => {
    const { pool, deployment } = await place()
    const other = await createWorkQueue(stage.deps, 'host', { name: 'other' })
    const second = await commandDeployment(stage.deps, { pool, queueId: other.id, name: 'other' })
    await createRuns(stage.deps, deployment, 4)
    await createRuns(stage.deps, second, 4)
    const free = { slots: 4 }
    const reply = await agentOf('a', { queues: ['work', 'other'], order: 'fair', free }).claim()
    const names = reply.runs.map((run) => run.flow_run.work_queue_name)
    expect(names.filter((name) => name === 'work')).toHaveLength(2)
    expect(names).toHaveLength(4)
  })

  it('has the queues that it names created, and not those that it matches', async () => {
    await place()
    const reply = await agentOf('a', { queues: ['new'], match: ['wor', 'none-'] }).claim()
    expect(reply.queues).toMatchObject([
      { name: 'new', created: true },
      { name: 'work', created: false },
    ])
    const again = await agentOf('a', { queues: ['new'] }).claim()
    expect(again.queues).toMatchObject([{ name: 'new', created: false }])
  })

  it('learns when the next run is due, and gets it no sooner', async () => {
    const { deployment } = await place()
    const agent = agentOf()
    await createRuns(stage.deps, deployment, 1, inSeconds(stage.deps, 40))
    await createRuns(stage.deps, deployment, 1, inSeconds(stage.deps, 900))
    const reply = await agent.claim()
    expect(reply.runs).toEqual([])
    expect(reply.next_due_in_seconds).toBeCloseTo(40, 1)
    stage.world.clock.pass(41)
    expect((await agent.claim()).runs).toHaveLength(1)
    expect((await agent.claim()).next_due_in_seconds).toBeCloseTo(859, 1)
  })

  it('is given runs ahead of their time where it asks for that, and told when they are due', async () => {
    const { deployment } = await place()
    await createRuns(stage.deps, deployment, 1, inSeconds(stage.deps, 8))
    const reply = await agentOf('a', { prefetch_seconds: 10 }).claim()
    expect(reply.runs).toHaveLength(1)
    expect(reply.runs[0]?.due_in_seconds).toBeCloseTo(8, 1)
  })

  it('holds no more runs of a flow than it allows, and others pass by', async () => {
    const { pool, queue, deployment } = await place()
    await createRuns(stage.deps, deployment, 60)
    const agent = agentOf('a', { flow_limits: { by_flow: { job: 1 } } })
    const reply = await agent.claim()
    expect(reply.runs).toHaveLength(1)
    expect((await agent.claim()).runs).toEqual([])
    const light = await api(stage.deps).post('/flows/', { name: 'light' })
    const { body } = await api(stage.deps).post('/deployments/', {
      name: 'light',
      flow_id: light.body.id,
      work_pool_name: pool.name,
      work_queue_name: queue.name,
      job_variables: { command: 'true' },
    })
    await api(stage.deps).post(`/deployments/${body.id}/create_flow_run`)
    expect((await agent.claim()).runs).toMatchObject([{ flow_name: 'light' }])
    await agent.end(reply.runs[0] as never)
    expect((await agent.claim()).runs).toMatchObject([{ flow_name: 'job' }])
  })

  it('is given no run that needs more CPU or memory than it has left', async () => {
    const { pool, queue } = await place()
    const of = (name: string, cpu: number, memory: number) =>
      commandDeployment(stage.deps, { pool, queueId: queue.id, name, jobVariables: { command: 'true', cpu, memory } })
    const [big] = await createRuns(stage.deps, await of('big', 4096, 100), 1)
    const [hungry] = await createRuns(stage.deps, await of('hungry', 256, 9000), 1)
    const small = await createRuns(stage.deps, await of('small', 1024, 512), 3)
    const agent = agentOf('a', { free: { slots: 10, cpu: 2048, memory: 2048 } })
    const reply = await agent.claim()
    expect(idsOf(reply.runs)).toEqual(small.slice(0, 2).map(({ id }) => id))
    expect(await typeOf(big?.id ?? '')).toBe('SCHEDULED')
    const explain = async (run = big) => (await api(stage.deps).get(`/flow_runs/${run?.id}/explain`)).body.message
    expect(await explain()).toContain('Nothing keeps it from starting')
    expect(await typeOf(hungry?.id ?? '')).toBe('SCHEDULED')
    await agentOf('small', { free: { slots: 0 }, capacity: { slots: 9, cpu: 2048, memory: 4096 } }).claim()
    await api(stage.deps).delete(`/agents/${agent.agent.id}`)
    expect(await explain()).toContain('asks for more CPU or memory than any agent has')
    expect(await explain(small[2])).toContain('Nothing keeps it from starting')
  })

  it('is told to stop what people cancel, and what is no longer its own', async () => {
    const { deployment } = await place()
    await createRuns(stage.deps, deployment, 2)
    const agent = agentOf()
    const { runs } = await agent.claim()
    for (const run of runs) await agent.report(run, 'RUNNING')
    const client = api(stage.deps)
    const [first, second] = idsOf(runs)
    await client.post(`/flow_runs/${first}/set_state`, { state: { type: 'CANCELLING', message: 'enough' } })
    await client.post(`/flow_runs/${second}/set_state`, { state: { type: 'CANCELLED' }, force: true })
    const { stop } = await agent.claim()
    expect(stop).toEqual([
      { flow_run_id: first, generation: 1, reason: 'cancelling', message: 'enough' },
      { flow_run_id: second, generation: 1, reason: 'lost', message: 'The run is Cancelled in generation 1.' },
    ])
  })

  it('is not told to stop a process that has reported its end and is about to exit', async () => {
    const { deployment } = await place()
    await createRuns(stage.deps, deployment, 1)
    const agent = agentOf()
    const [run] = (await agent.claim()).runs
    if (!run) throw new Error('no run')
    await agent.report(run, 'RUNNING')
    await agent.report(run, 'COMPLETED')
    expect((await agent.claim()).stop).toEqual([])
    agent.holding = []
    expect((await agent.claim()).stop).toEqual([])
  })

  it('serves a queue that selects runs by tags, in whatever pool they wait', async () => {
    const { deployment } = await place()
    const client = api(stage.deps)
    await client.post('/work_pools/host/queues/', { name: 'tagged', filter: { tags: ['gpu'] } })
    const { body } = await client.post(`/deployments/${deployment.id}/create_flow_run`, { tags: ['gpu'] })
    await client.post(`/deployments/${deployment.id}/create_flow_run`, { tags: ['cpu'] })
    const reply = await agentOf('a', { queues: ['tagged'] }).claim()
    expect(idsOf(reply.runs)).toEqual([body.id])
  })

  it('passes over a paused queue, which the answer names', async () => {
    const { queue, deployment } = await place()
    await createRuns(stage.deps, deployment, 1)
    await updateWorkQueue(stage.deps, queue, {}, { paused: true })
    const reply = await agentOf().claim()
    expect(reply).toMatchObject({ runs: [], queues: [{ name: 'work', is_paused: true }] })
  })

  it('gets nothing of a push pool, and hears of a pool that is missing', async () => {
    await createWorkPool(stage.deps, { name: 'push', type: 'ecs:push' })
    const push = await new ClaimingAgent(stage.deps, 'push', 'a').send()
    expect(push).toMatchObject({ status: 422, body: { code: 'invalid' } })
    const missing = await new ClaimingAgent(stage.deps, 'missing', 'a').send()
    expect(missing).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  it('makes its queues and its pool ready, and is listed as a worker', async () => {
    await place()
    const client = api(stage.deps)
    expect((await client.get('/work_pools/host')).body.status).toBe('NOT_READY')
    await agentOf('busy').claim()
    expect((await client.get('/work_pools/host')).body.status).toBe('READY')
    expect((await client.get('/work_pools/host/queues/work')).body.status).toBe('READY')
    expect((await client.get('/work_pools/host/queues/default')).body.status).toBe('NOT_READY')
    const workers = await client.post('/work_pools/host/workers/filter')
    expect(workers.body).toMatchObject([{ name: 'busy', status: 'ONLINE' }])
  })

  it('gets a run whose job cannot be filled in only as far as its end', async () => {
    const { pool, queue } = await place()
    const jobVariables = { command: 'true', env: '{{ prefect.blocks.secret.missing }}' }
    const deployment = await commandDeployment(stage.deps, { pool, queueId: queue.id, name: 'odd', jobVariables })
    const [run] = await createRuns(stage.deps, deployment, 1)
    expect((await agentOf().claim()).runs).toEqual([])
    expect((await readRun(stage.deps, run?.id ?? '')).state).toMatchObject({
      type: 'CRASHED',
      message: expect.stringContaining('missing') as string,
    })
  })
})

describe('a session', () => {
  it('is handed out again what its agent does not name, and never more for a repeated request', async () => {
    const { deployment } = await place()
    await createRuns(stage.deps, deployment, 6)
    const agent = agentOf()
    const requestId = randomUUID()
    const lost = await agent.send({ request_id: requestId, free: { slots: 2 } })
    const again = await agent.claim({ request_id: requestId, free: { slots: 3 } })
    expect(idsOf(again.runs)).toEqual(idsOf(lost.body.runs))
    expect(again.runs.map((run) => run.generation)).toEqual([1, 1])
  })

  it('gives each run once to calls that are under way at the same time', async () => {
    const { deployment, pool } = await place()
    await createRuns(stage.deps, deployment, 10)
    const agent = agentOf()
    await agent.claim({ free: { slots: 0 } })
    const replies = await Promise.all([1, 2, 3].map(() => agent.send()))
    const started = replies
      .map(({ body }) => body)
      .toSorted((a, b) => b.sequence - a.sequence)
      .flatMap((body) => agent.take(body))
    expect(new Set(started).size).toBe(started.length)
    const rest = await agent.claim({ free: { slots: 0 } })
    for (const {
      flow_run: { id },
    } of rest.runs)
      expect(started).not.toContain(id)
    const held = new Set([...started, ...idsOf(rest.runs)])
    expect(await readLimit(stage.deps, poolLimit(pool.id))).toMatchObject({ active: held.size })
  })

  it('is renewed by calls, and ends when none came for the lease: what had started is Crashed, the rest waits', async () => {
    const { deployment, queue } = await place()
    const [one, two] = await createRuns(stage.deps, deployment, 2)
    const agent = agentOf('gone', { lease_seconds: 60 })
    const { runs } = await agent.claim()
    await agent.report(runs[0] as never, 'RUNNING')
    for (let minute = 0; minute < 4; minute += 1) {
      await passAndTick(stage, 30)
      await agent.claim()
    }
    expect(await typeOf(one?.id ?? '')).toBe('RUNNING')
    await passAndTick(stage, 70)
    expect((await readRun(stage.deps, one?.id ?? '')).state).toMatchObject({
      type: 'CRASHED',
      message: "The agent 'gone' that held this run was lost: its lease ran out.",
    })
    expect(await readRun(stage.deps, two?.id ?? '')).toMatchObject({ state: { type: 'SCHEDULED' }, claim: null })
    expect(await readLimit(stage.deps, queueLimit(queue.id))).toMatchObject({ active: 0 })
    expect(await agent.send()).toMatchObject({ status: 409, body: { code: 'session_lost' } })
    // Its process writes nothing any more.
    const late = await agent.report(runs[1] as never, 'RUNNING')
    expect(late.body).toMatchObject({
      status: 'ABORT',
      details: { reason: expect.stringContaining('stale_generation') as string },
    })
  })

  it('leaves a run that had started to wait again where its deployment asks for that', async () => {
    const { deployment } = await place()
    await api(stage.deps).patch(`/deployments/${deployment.id}`, { on_agent_lost: 'requeue' })
    const [run] = await createRuns(stage.deps, deployment, 1)
    const agent = agentOf('gone', { lease_seconds: 10 })
    const reply = await agent.claim()
    expect(reply.runs[0]?.on_agent_lost).toBe('requeue')
    await agent.report(reply.runs[0] as never, 'RUNNING')
    await passAndTick(stage, 11)
    expect(await readRun(stage.deps, run?.id ?? '')).toMatchObject({ state: { type: 'SCHEDULED' }, generation: 1 })
    expect((await agentOf('b').claim()).runs).toMatchObject([{ generation: 2 }])
  })

  it('is taken over by another process with the id of its agent, and its runs end with its lease', async () => {
    const { deployment } = await place()
    const [run] = await createRuns(stage.deps, deployment, 1)
    const old = agentOf('a', { lease_seconds: 60 })
    const { runs } = await old.claim()
    await old.report(runs[0] as never, 'RUNNING')
    const fresh = agentOf('a')
    fresh.agent.id = old.agent.id
    expect((await fresh.claim()).runs).toEqual([])
    expect(await old.send()).toMatchObject({ status: 409, body: { code: 'session_taken' } })
    expect(await old.send({ sequence: 0 })).toMatchObject({ status: 409, body: { code: 'session_taken' } })
    expect(await typeOf(run?.id ?? '')).toBe('RUNNING')
    await passAndTick(stage, 61)
    expect(await typeOf(run?.id ?? '')).toBe('CRASHED')
    expect((await fresh.claim()).stop).toEqual([])
    expect((await listDueSessions(stage.deps.table, NEVER)).sessions).toEqual([])
  })

  it('ends what it holds, although one of its runs cannot be written', async () => {
    const { deployment } = await place()
    const [bad, good] = await createRuns(stage.deps, deployment, 2)
    await agentOf('a', { lease_seconds: 10 }).claim()
    const faulty = withInterceptor(stage.deps, async ({ name, input }, go) => {
      if (name === 'dynamodb TransactWriteItemsCommand' && JSON.stringify(input).includes(`run#${bad?.id}`))
        throw new Error('no answer')
      return await go()
    })
    stage.world.clock.pass(11)
    expect((await sweep(faulty)).sessionsEnded).toBe(1)
    expect([await typeOf(bad?.id ?? ''), await typeOf(good?.id ?? '')]).toEqual(['PENDING', 'SCHEDULED'])
    await passAndTick(stage, 120)
    expect(await typeOf(bad?.id ?? '')).toBe('SCHEDULED')
  })

  it('opens anew after its lease ran out, and its runs are ended once all the same', async () => {
    const { deployment } = await place()
    const [run] = await createRuns(stage.deps, deployment, 1)
    const agent = agentOf('a', { lease_seconds: 10 })
    await agent.claim()
    stage.world.clock.pass(11)
    const back = agentOf('a', { lease_seconds: 10 })
    back.agent.id = agent.agent.id
    expect((await back.claim()).runs).toEqual([])
    await passAndTick(stage, 1)
    expect(await readRun(stage.deps, run?.id ?? '')).toMatchObject({ state: { type: 'SCHEDULED' }, claim: null })
    expect((await back.claim()).runs).toMatchObject([{ generation: 2 }])
  })

  it('ends when its agent leaves, and what that never heard of waits again', async () => {
    const { deployment } = await place()
    const [run] = await createRuns(stage.deps, deployment, 1)
    const agent = agentOf()
    await agent.send()
    await agent.claim({ leaving: true })
    expect(await readRun(stage.deps, run?.id ?? '')).toMatchObject({ state: { type: 'SCHEDULED' }, claim: null })
    const { body } = await api(stage.deps).get(`/agents/${agent.agent.id}`)
    expect(body).toMatchObject({ status: 'OFFLINE', holds: [], lease_until: null })
  })

  it('of an agent that drains is given nothing', async () => {
    const { deployment } = await place()
    await createRuns(stage.deps, deployment, 1)
    expect((await agentOf().claim({ draining: true })).runs).toEqual([])
  })

  it('that lists a run is asked about when the run is inspected, which goes on', async () => {
    const { deployment } = await place()
    const [run] = await createRuns(stage.deps, deployment, 1)
    const agent = agentOf('a', { lease_seconds: 3600 })
    const { runs } = await agent.claim()
    await agent.report(runs[0] as never, 'RUNNING')
    for (let hours = 0; hours < 13; hours += 1) {
      await passAndTick(stage, 1700)
      await agent.claim()
      await passAndTick(stage, 1700)
      await agent.claim()
    }
    expect(await typeOf(run?.id ?? '')).toBe('RUNNING')
  })
})

it('an agent that was deleted before it heard its first answer opens another session', async () => {
  const { deployment } = await place()
  await createRuns(stage.deps, deployment, 1)
  const agent = agentOf()
  await agent.send()
  await api(stage.deps).delete(`/agents/${agent.agent.id}`)
  expect(await agent.send()).toMatchObject({ status: 409, body: { code: 'session_lost' } })
  agent.session = randomUUID()
  expect((await agent.claim()).runs).toEqual([])
})

describe('an operator', () => {
  it('pauses an agent for a time, which then is given work again', async () => {
    const { deployment } = await place()
    await createRuns(stage.deps, deployment, 1)
    const agent = agentOf()
    await agent.claim({ free: { slots: 0 } })
    const client = api(stage.deps)
    const paused = await client.post(`/agents/${agent.agent.id}/pause`, { for_seconds: 600, note: 'new disk' })
    expect(paused.body).toMatchObject({ status: 'PAUSED', paused: { note: 'new disk' } })
    expect(await agent.claim()).toMatchObject({ runs: [], paused: { note: 'new disk' } })
    stage.world.clock.pass(601)
    expect((await agent.claim()).runs).toHaveLength(1)
  })

  it('resumes an agent before that', async () => {
    const { deployment } = await place()
    await createRuns(stage.deps, deployment, 1)
    const agent = agentOf()
    await agent.claim({ free: { slots: 0 } })
    await api(stage.deps).post(`/agents/${agent.agent.id}/pause`)
    expect((await agent.claim()).runs).toEqual([])
    await api(stage.deps).post(`/agents/${agent.agent.id}/resume`)
    expect((await agent.claim()).runs).toHaveLength(1)
  })

  it('has an agent drain, and finds it by name and status', async () => {
    await place()
    const agent = agentOf('old-host')
    await agent.claim()
    await agentOf('new-host').claim()
    const client = api(stage.deps)
    await client.post(`/agents/${agent.agent.id}/drain`)
    expect((await agent.claim()).drain).toBe(true)
    const { body } = await client.post('/agents/filter', { agents: { status: { any_: ['DRAINING'] } } })
    expect(body.map(({ name }: Json) => name)).toEqual(['old-host'])
  })

  it('deletes an agent, whose runs end with its lease', async () => {
    const { deployment } = await place()
    const [run] = await createRuns(stage.deps, deployment, 1)
    const agent = agentOf('a', { lease_seconds: 30 })
    await agent.claim()
    const client = api(stage.deps)
    expect((await client.delete(`/agents/${agent.agent.id}`)).status).toBe(204)
    expect((await client.get(`/agents/${agent.agent.id}`)).status).toBe(404)
    expect(await agent.send()).toMatchObject({ status: 409, body: { code: 'session_lost' } })
    expect(await typeOf(run?.id ?? '')).toBe('PENDING')
    await passAndTick(stage, 31)
    expect(await typeOf(run?.id ?? '')).toBe('SCHEDULED')
  })
})
