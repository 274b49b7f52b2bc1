import { expect, it } from 'vitest'
import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { deleteFlowRun } from '#shared/engine/flow-run/delete-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { acquireSlots } from '#shared/engine/limit/acquire-slots.ts'
import { createGlobalLimit } from '#shared/engine/limit/create-global-limit.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { createTaskRun } from '#shared/engine/task-run/create-task-run.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { advance } from '#shared/flow-run/advance.ts'
import { newState } from '#shared/flow-run/state.ts'
import { deploymentLimit, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { api } from '../../support/api.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aTaskRun } from '../../support/fixtures/a-task-run.ts'
import {
  commandDeployment,
  createRuns,
  NO_DEADLINE,
  type PushPool,
  pushPool,
  readLimit,
  readRun,
} from '../../support/fixtures/fixtures.ts'
import { miscount } from '../../support/fixtures/miscount.ts'
import { setLimit } from '../../support/fixtures/put-limits.ts'
import { slowAfterClaim } from '../../support/push-for-each-test.ts'
import { passAndTick, type Stage } from '../../support/stage.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'

let stage: Stage
stageForEachTest((opened) => {
  stage = opened
})

const ticks = async (n: number) => {
  for (let tick = 0; tick < n; tick += 1) await passAndTick(stage, 60)
}

/** A run of a deployment that a process serves, in no pool, RUNNING. */
async function servedRun(limit: number) {
  const http = api(stage.deps)
  const { body: flow } = await http.post('/flows/', { name: 'served' })
  const { body: deployment } = await http.post('/deployments/', {
    name: 'served',
    flow_id: flow.id,
    concurrency_limit: limit,
  })
  const body = { flow_id: flow.id, deployment_id: deployment.id, state: { type: 'RUNNING' } }
  const { body: run } = await http.post('/flow_runs/', body)
  return { runId: run.id as string, key: deploymentLimit(deployment.id) }
}

it('the slot of a run in no pool is no drift, and one too many is', async () => {
  const { runId, key } = await servedRun(3)
  await ticks(8)
  expect(await readLimit(stage.deps, key)).toMatchObject({ active: 1 })
  await miscount(stage.deps.table, key, 1)
  await ticks(8)
  expect(await readLimit(stage.deps, key)).toMatchObject({ active: 1 })
  expect((await readRun(stage.deps, runId)).state.type).toBe('RUNNING')
})

it('a run in no pool whose process does not heed its cancellation ends, and frees its slot', async () => {
  const { runId, key } = await servedRun(1)
  await setState(stage.deps, runId, { type: 'CANCELLING' })
  await ticks(3)
  expect((await readRun(stage.deps, runId)).state.type).toBe('CANCELLING')
  await ticks(4)
  expect((await readRun(stage.deps, runId)).state.type).toBe('CANCELLED')
  expect(await readLimit(stage.deps, key)).toMatchObject({ active: 0 })
})

it('what is held in a pool that seemed idle, and counted nowhere, is found within minutes', async () => {
  const pool = await createWorkPool(stage.deps, { name: 'quiet', type: 'process' })
  const deployment = await commandDeployment(stage.deps, { pool })
  await ticks(20)
  const [run] = await createRuns(stage.deps, deployment, 1)
  const before = await readRun(stage.deps, run?.id ?? '')
  const { generation } = before
  const pending = advance({ ...before, generation: generation + 1 }, newState('PENDING', stage.deps.clock.now()))
  const keys = [poolLimit(pool.id), queueLimit(before.queueId ?? '')]
  const claim = { id: 'lost', by: { kind: 'client', name: null }, slots: keys, at: 0, leaseUntil: 0 } as const
  await saveRun(stage.deps.table, before, {
    ...pending,
    claim: { ...claim, at: pending.state.timestamp, slots: [...keys] },
  })
  await ticks(12)
  for (const key of keys) expect(await readLimit(stage.deps, key)).toMatchObject({ active: 1 })
})

it('a count that is off in a queue of an idle pool is found within the hour', async () => {
  const pool = await createWorkPool(stage.deps, { name: 'quiet', type: 'process' })
  await ticks(20)
  const key = queueLimit(pool.defaultQueueId)
  await miscount(stage.deps.table, key, 1)
  await ticks(64)
  expect(await readLimit(stage.deps, key)).toMatchObject({ active: 0 })
})

it('a pool that can not be repaired keeps no other from it', async () => {
  const { deps } = stage
  const pools = [await pushPool(deps, { name: 'one' }), await pushPool(deps, { name: 'two' })]
  // The one that comes first wherever pools are listed.
  const [bad, good] = pools.toSorted((a, b) => (a.pool.id < b.pool.id ? -1 : 1)) as [PushPool, PushPool]
  await miscount(deps.table, poolLimit(good.pool.id), 1)
  const faulty = withInterceptor(deps, async ({ name, input }, go) => {
    const { ExpressionAttributeValues: values = {} } = input as {
      ExpressionAttributeValues?: Record<string, { S?: string }>
    }
    const isBad = Object.values(values).some(({ S }) => S?.endsWith(`#${bad.pool.id}`))
    if (name !== 'dynamodb QueryCommand' || !isBad) return await go()
    stage.world.clock.pass(30)
    throw new Error('no answer')
  })
  for (let tick = 0; tick < 8; tick += 1) {
    stage.world.clock.pass(60)
    expect((await sweep(faulty)).failures).toBeGreaterThan(0)
  }
  expect(await readLimit(deps, poolLimit(good.pool.id))).toMatchObject({ active: 0 })
})

it('a run that is suspended and not resumed in time fails, though it holds nothing', async () => {
  const { deps } = stage
  const pool = await createWorkPool(deps, { name: 'pull', type: 'process' })
  const flow = await commandDeployment(deps, { pool, entrypoint: 'flow.py:main' })
  const [run, other] = await createRuns(deps, flow, 2)
  const pause = (seconds: number) => ({
    type: 'PAUSED' as const,
    name: 'Suspended',
    details: { pauseReschedule: true, pauseTimeout: deps.clock.now() + seconds * 1_000_000 },
  })
  for (const [id, seconds] of [
    [run?.id, 90],
    [other?.id, 600],
  ] as const) {
    await setState(deps, id ?? '', { type: 'RUNNING' })
    await setState(deps, id ?? '', pause(seconds))
  }
  await ticks(1)
  expect((await readRun(deps, run?.id ?? '')).state.type).toBe('PAUSED')
  await ticks(1)
  expect((await readRun(deps, run?.id ?? '')).state).toMatchObject({
    type: 'FAILED',
    message: 'The flow was paused and never resumed.',
  })
  expect((await readRun(deps, other?.id ?? '')).state.type).toBe('PAUSED')
})

it('publishes what it repaired, and no zeros', async () => {
  const { deps, world } = stage
  const { runId } = await servedRun(1)
  await setState(deps, runId, { type: 'CANCELLING' })
  await ticks(7)
  expect([...world.counted].filter(([name]) => name.startsWith('Sweep_'))).toEqual([['Sweep_inspected', 1]])
})

it('what is still held in a deleted pool, as it was miscounted, ends like any other', async () => {
  const { deps } = stage
  const pool = await createWorkPool(deps, { name: 'gone', type: 'process' })
  const [run] = await createRuns(deps, await commandDeployment(deps, { pool }), 1)
  await setState(deps, run?.id ?? '', { type: 'RUNNING' })
  for (const key of [poolLimit(pool.id), queueLimit(run?.queueId ?? '')]) await miscount(stage.deps.table, key, -1)
  await deleteWorkPool(deps, 'gone')
  await setState(deps, run?.id ?? '', { type: 'CANCELLING' })
  await ticks(7)
  expect((await readRun(deps, run?.id ?? '')).state.type).toBe('CANCELLED')
})

it('does each of its parts in one go, and counts by name what it did', async () => {
  const { deps } = stage
  const pool = await createWorkPool(deps, { name: 'pull', type: 'process' })
  const runsOf = async (name: string, n: number, rest: Partial<Parameters<typeof commandDeployment>[1]> = {}) => {
    const deployment = await commandDeployment(deps, { pool, name, ...rest })
    return { deployment, runs: await createRuns(deps, deployment, n) }
  }
  const idOf = (run: { id: string } | undefined) => run?.id ?? ''
  const [ended] = (await runsOf('ended', 1)).runs
  await setState(deps, idOf(ended), { type: 'CANCELLED' })
  await deleteFlowRun(deps, idOf(ended))
  stage.world.clock.pass(INDEX_LAG_SECONDS_MAX)
  const colliding = await runsOf('colliding', 2, { concurrencyLimit: 1, collisionStrategy: 'CANCEL_NEW' })
  await setState(deps, idOf(colliding.runs[0]), { type: 'RUNNING' })
  const waiting = await runsOf('waiting', 2, { concurrencyLimit: 1 })
  for (const run of waiting.runs) await setState(deps, idOf(run), { type: 'PENDING' })
  await setLimit(deps.table, deploymentLimit(waiting.deployment.id), 2)
  const counting = await runsOf('counting', 1)
  await setState(deps, idOf(counting.runs[0]), { type: 'RUNNING' })
  await updateDeployment(deps, counting.deployment.id, { concurrencyLimit: 3 })
  const flow = await runsOf('flow', 2, { entrypoint: 'flow.py:main' })
  for (const run of flow.runs) await setState(deps, idOf(run), { type: 'RUNNING' })
  const [parent, suspended] = flow.runs
  const task = { flowRunId: idOf(parent), taskKey: 'k', dynamicKey: '0', tags: [], policy: {} }
  await createTaskRun(deps, { ...task, details: aTaskRun().details })
  await setState(deps, idOf(parent), { type: 'CANCELLED' }, { force: true })
  const details = { pauseReschedule: true, pauseTimeout: deps.clock.now() + 10_000_000 }
  await setState(deps, idOf(suspended), { type: 'PAUSED', name: 'Suspended', details })
  await createGlobalLimit(deps, 'leased', { limit: 1 })
  await acquireSlots(deps, { names: ['leased'], slots: 1, lease: { seconds: 10, holder: null } })
  const push = await pushPool(deps)
  await createRuns(deps, push.deployment, 1)
  await dispatchPool(slowAfterClaim(stage.world), push.pool.id, NO_DEADLINE)
  stage.world.clock.pass(61)
  const { failures, ...counts } = await sweep(deps)
  expect(failures).toBe(0)
  expect(counts).toMatchObject({
    collisions: 1,
    hinted: 1,
    limitsOpened: 1,
    subflowsCancelled: 1,
    sessionsEnded: 0,
    pausesExpired: 1,
    leasesExpired: 1,
    deletionsFinished: 1,
    lostLaunches: 1,
  })
})

it('a part that fails is counted and logged, and the limits that can not be counted are', async () => {
  const { deps, world } = stage
  const pool = await createWorkPool(deps, { name: 'pull', type: 'process' })
  const deployment = await commandDeployment(deps, { pool })
  const [run] = await createRuns(deps, deployment, 1)
  await setState(deps, run?.id ?? '', { type: 'RUNNING' })
  await updateDeployment(deps, deployment.id, { concurrencyLimit: 3 })
  world.clock.pass(61)
  const key = deploymentLimit(deployment.id)
  const broken = withInterceptor(deps, async ({ name, input }, go) => {
    const text = JSON.stringify(input)
    const isCount = name === 'dynamodb UpdateItemCommand' && text.includes(deployment.id)
    if (isCount || (name === 'dynamodb QueryCommand' && text.includes('"paused"'))) throw new Error('no answer')
    return await go()
  })
  expect(await sweep(broken)).toMatchObject({ failures: 1, limitsOpened: 0 })
  const logged = (message: string) => world.logged.filter((line) => line.message === message)
  expect(logged('part of the sweep failed')).toMatchObject([{ level: 'error', fields: { part: 'pausesExpired' } }])
  expect(logged('limit not counted')).toMatchObject([{ level: 'warn', fields: { limit: key } }])
})
