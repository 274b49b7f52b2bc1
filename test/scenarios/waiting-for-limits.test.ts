import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, describe, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { runDeployment } from '#shared/engine/deployment/run-deployment.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { explainRuns } from '#shared/engine/explain/explain-runs.ts'
import { ensureFlow } from '#shared/engine/flow/ensure-flow.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { listScheduledRuns } from '#shared/engine/poll/list-scheduled-runs.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { idFromName } from '#shared/ids.ts'
import { deploymentLimit, type LimitKey, queueLimit } from '#shared/limit/limit.ts'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import { newLimitItem } from '#shared/storage/limit/change-limit.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import { withInterceptor } from '../support/faults/faulty-calls.ts'
import {
  commandDeployment,
  createRuns,
  NO_DEADLINE,
  type PushPool,
  pushPool,
  readLimit,
  readRun,
} from '../support/fixtures/fixtures.ts'
import { createManyRuns, putRuns } from '../support/fixtures/many-runs.ts'
import { setLimit } from '../support/fixtures/put-limits.ts'
import { ledgerProblems, takeSnapshot } from '../support/invariants.ts'
import { passAndTick, type Stage, settle } from '../support/stage.ts'
import { stageForEachTest } from '../support/stage-for-each-test.ts'

let stage: Stage
let push: PushPool
stageForEachTest(async (opened) => {
  stage = opened
  push = await pushPool(stage.deps)
  stage.ecs.script = () => ({ runsForSeconds: null })
  await ensureFlow(stage.deps, { name: 'job', tags: [], labels: {} })
})
afterEach(async () => {
  const problems = ledgerProblems(await takeSnapshot(stage.deps.table))
  if (problems.length > 0) throw new Error(problems.join('\n'))
})

const limited = (rest: { queueId?: string; name?: string; limit?: number } = {}): Promise<Deployment> => {
  const { queueId = push.queueId, name = 'limited', limit = 1 } = rest
  return commandDeployment(stage.deps, { pool: push.pool, queueId, name, concurrencyLimit: limit })
}
/** Runs of a deployment in another queue of its pool. */
async function runsIn(queueName: string, deployment: Deployment, n: number): Promise<FlowRun[]> {
  const runs: FlowRun[] = []
  for (let i = 0; i < n; i += 1) {
    runs.push((await runDeployment(stage.deps, deployment.id, { queueName, details: {} })).run)
  }
  return runs
}
const dispatch = () => dispatchPool(stage.deps, push.pool.id, NO_DEADLINE)
const activeOf = async ({ id }: Deployment) => (await readLimit(stage.deps, deploymentLimit(id))).active

/** Ends a run that the dispatcher holds, and lets the wake-ups that this brings be processed. */
async function end(runId: string): Promise<void> {
  const task = stage.ecs.started.find(({ request }) => request.runId === runId)
  if (!task) throw new Error(`no task of ${runId}`)
  task.script = { ...task.script, runsForSeconds: 0 }
  stage.ecs.pass()
  await settle(stage)
}

async function pause(queueId: string, paused: boolean): Promise<void> {
  const queue = await getQueue(stage.deps.table, push.pool.id, queueId)
  if (!queue) throw new Error('no queue')
  await updateWorkQueue(stage.deps, queue, {}, { paused })
}

/** How many reads each look of a dispatch makes before it claims. */
async function readsOfDispatch(limits: readonly LimitKey[] = []): Promise<number[]> {
  const looks: number[] = []
  let reads = 0
  const watched = withInterceptor(stage.deps, async (call, go) => {
    if (/Query|BatchGet/.test(call.name)) reads += 1
    if (/TransactWrite/.test(call.name) && reads > 0) {
      looks.push(reads)
      reads = 0
    }
    return await go()
  })
  await dispatchPool(watched, push.pool.id, NO_DEADLINE, { limits })
  return looks
}

it('a paused queue keeps a free slot from none but its own runs', async () => {
  await createWorkQueue(stage.deps, push.pool.name, { name: 'open' })
  const deployment = await limited()
  const [holder] = await createRuns(stage.deps, deployment, 41)
  await dispatch()
  await pause(push.queueId, true)
  const [other] = await runsIn('open', deployment, 1)
  await dispatch()
  expect((await readRun(stage.deps, other?.id ?? '')).blockedBy).not.toBe(null)
  await end(holder?.id ?? '')
  expect((await readRun(stage.deps, other?.id ?? '')).generation).toBe(1)
  expect(await activeOf(deployment)).toBe(1)
  await pause(push.queueId, false)
  await end(other?.id ?? '')
  expect(await activeOf(deployment)).toBe(1)
})

it('runs in several paused queues do not hide one in an open queue behind them', async () => {
  const deployment = await limited()
  const queues = new Map<string, string>()
  for (let n = 0; n < 9; n += 1) {
    const { id, name } = await createWorkQueue(stage.deps, push.pool.name, { name: `queue-${n}` })
    queues.set(id, name)
  }
  const [holder] = await createRuns(stage.deps, deployment, 1)
  await dispatch()
  for (const name of queues.values()) await runsIn(name, deployment, 5)
  await dispatch()
  const open = [...queues.keys()].toSorted().at(-1)
  for (const queueId of queues.keys()) if (queueId !== open) await pause(queueId, true)
  await end(holder?.id ?? '')
  expect(await activeOf(deployment)).toBe(1)
  expect((await readLimit(stage.deps, queueLimit(open ?? ''))).active).toBe(1)
})

it('of runs that wait for one limit, those of the queue with the highest priority go first', async () => {
  await createWorkQueue(stage.deps, push.pool.name, { name: 'urgent', priority: 1 })
  const deployment = await limited()
  const [holder] = await createRuns(stage.deps, deployment, 3)
  await dispatch()
  const [urgent] = await runsIn('urgent', deployment, 1)
  await dispatch()
  await end(holder?.id ?? '')
  expect((await readRun(stage.deps, urgent?.id ?? '')).generation).toBe(1)
})

it('300 runs that wait for a limit are all held once it is raised', { timeout: 60_000 }, async () => {
  const deployment = await limited()
  await createManyRuns(stage.deps, deployment, 301)
  await dispatch()
  expect(await activeOf(deployment)).toBe(1)
  stage.world.sent.splice(0)
  await updateDeployment(stage.deps, deployment.id, { concurrencyLimit: 1000 })
  await settle(stage)
  expect(await activeOf(deployment)).toBe(301)
})

it('what announces room may be lost: the tick finds it', async () => {
  const deployment = await limited()
  await createRuns(stage.deps, deployment, 3)
  await dispatch()
  await setLimit(stage.deps.table, deploymentLimit(deployment.id), 3)
  stage.world.sent.splice(0)
  await passAndTick(stage, 60)
  expect(await activeOf(deployment)).toBe(3)
})

it('a run whose queue opens again starts at once, although its limit had room before', async () => {
  const deployment = await limited()
  const [holder, next] = await createRuns(stage.deps, deployment, 3)
  await dispatch()
  await pause(push.queueId, true)
  await end(holder?.id ?? '')
  expect((await readRun(stage.deps, next?.id ?? '')).state.type).toBe('SCHEDULED')
  stage.world.sent.splice(0)
  await pause(push.queueId, false)
  await settle(stage)
  expect((await readRun(stage.deps, next?.id ?? '')).generation).toBe(1)
})

it('a dispatch that stops early leaves a wake-up', async () => {
  const deployment = await limited({ limit: 0 })
  await createManyRuns(stage.deps, deployment, 20)
  const { deps, world } = stage
  world.sent.splice(0)
  await dispatchPool(deps, push.pool.id, deps.clock.now() - 1, { limits: [deploymentLimit(deployment.id)] })
  expect(world.sent).toEqual([
    { poolId: push.pool.id, reason: 'more', limits: [deploymentLimit(deployment.id)], delaySeconds: 1 },
  ])
})

describe('a pool of workers', () => {
  it('offers a run that waited for its limit at the next poll after a slot became free, or the tick', async () => {
    const { deps } = stage
    const pool = await createWorkPool(deps, { name: 'pull', type: 'process' })
    const deployment = await commandDeployment(deps, { pool, name: 'pulled', concurrencyLimit: 1 })
    const poll = async () => (await listScheduledRuns(deps, { poolId: pool.id })).map(({ run }) => run.id)
    const [first, second, third] = await createRuns(deps, deployment, 3)
    expect(await poll()).toEqual([first?.id])
    await setState(deps, first?.id ?? '', { type: 'PENDING' })
    expect(await poll()).toEqual([])
    await setState(deps, first?.id ?? '', { type: 'COMPLETED' })
    expect(await poll()).toEqual([second?.id])
    // Until a worker has taken it.
    expect(await poll()).toEqual([second?.id])
    await setState(deps, second?.id ?? '', { type: 'PENDING' })
    expect(await poll()).toEqual([])
    await setLimit(deps.table, deploymentLimit(deployment.id), 2)
    expect(await poll()).toEqual([])
    await passAndTick(stage, 60)
    expect(await poll()).toEqual([third?.id])
  })
})

describe('volume', () => {
  it('each of 1,000 deployments gets its next run with few reads, of 10,000 that wait', {
    timeout: 120_000,
  }, async () => {
    const { deps } = stage
    const deployments = await blockedDeployments(1_000, 10)
    const freed = deployments.filter((_, n) => n % 100 === 50)
    for (const id of freed) await setLimit(deps.table, deploymentLimit(id), 1)
    const looks = await readsOfDispatch(freed.map(deploymentLimit))
    expect(Math.max(...looks)).toBeLessThanOrEqual(20)
    const held = await Promise.all(freed.map(async (id) => (await readLimit(deps, deploymentLimit(id))).active))
    expect(held).toEqual(freed.map(() => 1))
    // The next ticks find the room that was not announced.
    const silent = deployments.filter((_, n) => n % 100 === 75)
    for (const id of silent) await setLimit(deps.table, deploymentLimit(id), 1)
    for (let tick = 0; tick < 2; tick += 1) await passAndTick(stage, 60)
    const later = await Promise.all(silent.map(async (id) => (await readLimit(deps, deploymentLimit(id))).active))
    expect(later).toEqual(silent.map(() => 1))
  })

  it('300 paused queues with a run each cost a look few reads, and hide no run behind them', async () => {
    const { deps } = stage
    const [sample] = await createRuns(deps, push.deployment, 1)
    const runs: FlowRun[] = []
    for (let n = 0; n < 300; n += 1) {
      const queueId = idFromName('queue', String(n))
      const limit = newLimitItem(queueLimit(queueId), { limit: null, paused: true })
      await deps.table.client.send(new PutItemCommand({ TableName: deps.table.name, Item: toItem(limit) }))
      if (sample) runs.push({ ...sample, id: deps.ids.uuid(), queueId })
    }
    await putRuns(deps, runs)
    const looks = await readsOfDispatch()
    expect(Math.max(...looks)).toBeLessThanOrEqual(20)
    expect((await readRun(deps, sample?.id ?? '')).state.type).toBe('PENDING')
  })

  it('300 queues whose runs are due tomorrow cost a look what an empty pool does', async () => {
    const { deps } = stage
    const [sample] = await createRuns(deps, push.deployment, 1, deps.clock.now() + 86_400_000_000)
    const runs = Array.from({ length: 300 }, (_, n): FlowRun[] => {
      return sample ? [{ ...sample, id: deps.ids.uuid(), queueId: idFromName('queue', String(n)) }] : []
    })
    await putRuns(deps, runs.flat())
    const calls: string[] = []
    const watched = withInterceptor(deps, async (call, go) => {
      calls.push(call.name)
      return await go()
    })
    await dispatchPool(watched, push.pool.id, NO_DEADLINE)
    expect(calls.length).toBeLessThanOrEqual(7)
    const [explained] = await explainRuns(deps, [sample?.id ?? ''])
    expect(explained?.obstacles.map(({ reason }) => reason)).toEqual(['not_due'])
  })

  it('explains a run behind 500 of a queue with higher priority, and one behind more than a thousand', async () => {
    const { deps } = stage
    const urgent = { name: 'urgent', priority: 1, concurrencyLimit: 5 }
    const { id: urgentId } = await createWorkQueue(deps, push.pool.name, urgent)
    const { deployment } = push
    const hurried = await commandDeployment(deps, { pool: push.pool, queueId: urgentId, name: 'hurried' })
    await createManyRuns(deps, hurried, 500)
    const [run] = await createRuns(deps, deployment, 1)
    const say = async () => (await explainRuns(deps, [run?.id ?? '']))[0]
    // The other queue may run five, and then the pool has slots left.
    expect(await say()).toMatchObject({ reason: 'next', obstacles: [] })
    await setLimit(deps.table, queueLimit(urgentId), null)
    await setLimit(deps.table, `pool#${push.pool.id}`, 100)
    expect(await say()).toMatchObject({
      reason: 'behind_others',
      message: '500 runs go first for the 100 free slots of its work pool.',
      obstacles: [{ ahead: 500 }],
    })
    await createManyRuns(deps, hurried, 700)
    expect((await say())?.message).toBe('1,000+ runs go first for the 100 free slots of its work pool.')
  })
})

/** Deployments whose limit is full, each with this many runs that wait for it. */
async function blockedDeployments(count: number, runsOfEach: number): Promise<string[]> {
  const { deps } = stage
  const first = await limited({ limit: 0 })
  const [sample] = await createRuns(deps, first, 1)
  await dispatch()
  const parked = await readRun(deps, sample?.id ?? '')
  expect(parked.blockedBy).not.toBe(null)
  const waitsIn = new Set([`push#${push.pool.id}`])
  const create = async (name: string) => {
    const { id } = await limited({ name, limit: 0 })
    const item = { ...newLimitItem(deploymentLimit(id), { limit: 0, paused: false }), waitsIn }
    await deps.table.client.send(new PutItemCommand({ TableName: deps.table.name, Item: toItem(item) }))
    return id
  }
  const ids: string[] = []
  for (let at = 0; at < count; at += 50) {
    ids.push(...(await Promise.all(Array.from({ length: 50 }, (_, n) => create(`limited-${at + n}`)))))
  }
  const runs = ids.flatMap((id) => {
    const blockedBy = deploymentLimit(id)
    return Array.from({ length: runsOfEach }, () => ({ ...parked, id: deps.ids.uuid(), deploymentId: id, blockedBy }))
  })
  await putRuns(deps, runs)
  return ids
}
