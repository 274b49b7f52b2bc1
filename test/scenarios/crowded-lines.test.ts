import { expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { explainRuns } from '#shared/engine/explain/explain-runs.ts'
import { ensureFlow } from '#shared/engine/flow/ensure-flow.ts'
import { listScheduledRuns } from '#shared/engine/poll/list-scheduled-runs.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { deploymentLimit, type LimitKey } from '#shared/limit/limit.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import { LINES_KEPT_SECONDS } from '#shared/work-pool/pool-lines.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { withInterceptor } from '../support/faults/faulty-calls.ts'
import { laggingIndex } from '../support/faults/lagging-index.ts'
import {
  commandDeployment,
  createRuns,
  inSeconds,
  NO_DEADLINE,
  type PushPool,
  pushPool,
  readLimit,
  readRun,
} from '../support/fixtures/fixtures.ts'
import { copyRun, createManyRuns, putRuns } from '../support/fixtures/many-runs.ts'
import { setLimit } from '../support/fixtures/put-limits.ts'
import { passAndTick, type Stage } from '../support/stage.ts'
import { stageForEachTest } from '../support/stage-for-each-test.ts'

let stage: Stage
let push: PushPool
stageForEachTest(async (opened) => {
  stage = opened
  push = await pushPool(stage.deps)
  stage.ecs.script = () => ({ runsForSeconds: null })
  await ensureFlow(stage.deps, { name: 'job', tags: [], labels: {} })
})

const dispatch = (limits: readonly LimitKey[] = []) => dispatchPool(stage.deps, push.pool.id, NO_DEADLINE, { limits })
const heldBy = (deployments: readonly Deployment[]) =>
  Promise.all(deployments.map(async ({ id }) => (await readLimit(stage.deps, deploymentLimit(id))).active))

/** A queue with a deployment to it. */
async function queueWith(pool: WorkPool, name: string, limit: { concurrencyLimit?: number } = {}) {
  const queue = await createWorkQueue(stage.deps, pool.name, { name })
  const deployment = await commandDeployment(stage.deps, { pool, queueId: queue.id, name, ...limit })
  return { queue, deployment }
}

async function pause(pool: WorkPool, queueId: string): Promise<void> {
  const queue = await getQueue(stage.deps.table, pool.id, queueId)
  if (queue) await updateWorkQueue(stage.deps, queue, {}, { paused: true })
}

/** Paused queues, each with more runs in line than one short read shows. */
async function pausedQueues(count: number, runs = 20): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const { queue, deployment } = await queueWith(push.pool, `paused-${n}`)
    await createManyRuns(stage.deps, deployment, runs)
    await pause(push.pool, queue.id)
  }
}

it('limits with room for long lines are served, though paused queues with long lines take reads', async () => {
  await pausedQueues(5)
  const { queue } = await queueWith(push.pool, 'open')
  const deployments: Deployment[] = []
  for (let n = 0; n < 6; n += 1) {
    const place = { pool: push.pool, queueId: queue.id, name: `limited-${n}`, concurrencyLimit: 1 }
    const deployment = await commandDeployment(stage.deps, place)
    await createManyRuns(stage.deps, deployment, 30)
    deployments.push(deployment)
  }
  await dispatch()
  expect(await heldBy(deployments)).toEqual(deployments.map(() => 1))
  for (const { id } of deployments) await setLimit(stage.deps.table, deploymentLimit(id), 2)
  await dispatch(deployments.map(({ id }) => deploymentLimit(id)))
  expect(await heldBy(deployments)).toEqual(deployments.map(() => 2))
})

it('a queue in which nothing was found counts again for a limit that is followed later', async () => {
  await pausedQueues(8)
  const deployments: Deployment[] = []
  for (let n = 0; n < 12; n += 1) {
    const { deployment } = await queueWith(push.pool, `open-${n}`, { concurrencyLimit: 1 })
    await createManyRuns(stage.deps, deployment, 3)
    deployments.push(deployment)
  }
  await dispatch()
  for (const { id } of deployments) await setLimit(stage.deps.table, deploymentLimit(id), 2)
  await dispatch(deployments.map(({ id }) => deploymentLimit(id)))
  expect(await heldBy(deployments)).toEqual(deployments.map(() => 2))
})

it('a thousand runs of a paused queue that fall due at once keep no run of another queue waiting', async () => {
  const { deps } = stage
  const { deployment } = await queueWith(push.pool, 'open')
  const [sample] = await createRuns(deps, push.deployment, 1, inSeconds(deps, 600))
  if (sample) await copyRun(deps, await readRun(deps, sample.id), 999)
  const [run] = await createRuns(deps, deployment, 1, inSeconds(deps, 601))
  await pause(push.pool, push.queueId)
  await passAndTick(stage, 660)
  expect((await readRun(deps, run?.id ?? '')).state.type).toBe('PENDING')
})

it('runs of a queue that no worker polls keep none of a polled queue waiting when they fall due', async () => {
  const { deps } = stage
  const pool = await createWorkPool(deps, { name: 'pull', type: 'process' })
  const other = await queueWith(pool, 'other')
  const polled = await queueWith(pool, 'polled')
  const [sample] = await createRuns(deps, other.deployment, 1, inSeconds(deps, 600))
  if (sample) await copyRun(deps, await readRun(deps, sample.id), 300)
  const [run] = await createRuns(deps, polled.deployment, 1, inSeconds(deps, 601))
  stage.world.clock.pass(660)
  const found = await listScheduledRuns(deps, {
    poolId: pool.id,
    queues: [polled.queue],
    scheduledBefore: deps.clock.now(),
  })
  expect(found.map(({ run: { id } }) => id)).toEqual([run?.id])
})

it('room of 160 limits in a queue that no worker polls hides none in a polled queue for long', async () => {
  const { deps } = stage
  const pool = await createWorkPool(deps, { name: 'pull', type: 'process' })
  const other = await queueWith(pool, 'other', { concurrencyLimit: 0 })
  const { queue } = await queueWith(pool, 'polled')
  const [sample] = await createRuns(deps, other.deployment, 1)
  await listScheduledRuns(deps, { poolId: pool.id })
  const parked = await readRun(deps, sample?.id ?? '')
  const ids: string[] = []
  for (let n = 0; n < 160; n += 1) {
    const place = { pool, queueId: other.queue.id, name: `limited-${n}`, concurrencyLimit: 1 }
    ids.push((await commandDeployment(deps, place)).id)
  }
  const last = ids.toSorted().at(-1)
  const runs = ids.map((deploymentId): FlowRun => {
    const queueId = deploymentId === last ? queue.id : parked.queueId
    return { ...parked, id: deps.ids.uuid(), deploymentId, queueId, blockedBy: deploymentLimit(deploymentId) }
  })
  await putRuns(deps, runs)
  await passAndTick(stage, 60)
  const found: string[] = []
  for (let poll = 0; poll < 10; poll += 1) {
    const some = await listScheduledRuns(deps, { poolId: pool.id, queues: [queue], scheduledBefore: deps.clock.now() })
    found.push(...some.map(({ run }) => run.deploymentId ?? ''))
  }
  expect(found).toContain(last)
})

it('the tick finds room for runs of a pool that was deleted, forgotten and created again', async () => {
  const { deps } = stage
  const create = () => createWorkPool(deps, { name: 'again', type: 'ecs:push' })
  const deployment = await commandDeployment(deps, { pool: await create(), name: 'limited', concurrencyLimit: 0 })
  const wait = async () => {
    const [run] = await createRuns(deps, deployment, 1)
    await dispatchPool(deps, deployment.poolId ?? '', NO_DEADLINE)
    return run?.id ?? ''
  }
  expect((await readRun(deps, await wait())).blockedBy).not.toBe(null)
  await deleteWorkPool(deps, 'again')
  for (let tick = 0; tick < 10; tick += 1) await passAndTick(stage, LINES_KEPT_SECONDS / 5)
  await create()
  const runId = await wait()
  await setLimit(deps.table, deploymentLimit(deployment.id), 1)
  await passAndTick(stage, 60)
  expect((await readRun(deps, runId)).state.type).toBe('PENDING')
})

it('a run is parked once, however long the index shows it in line', async () => {
  const { deps } = stage
  const place = { pool: push.pool, queueId: push.queueId, name: 'limited', concurrencyLimit: 0 }
  const [run] = await createRuns(deps, await commandDeployment(deps, place), 5)
  const index = laggingIndex(deps.table)
  await index.catchUp()
  await dispatchPool(withInterceptor(deps, index.intercept), push.pool.id, NO_DEADLINE)
  expect((await readRun(deps, run?.id ?? '')).history).toHaveLength(2)
})

it('a run is moved once, and hides none, however long the index shows it where it was', async () => {
  const { deps } = stage
  const { deployment } = await queueWith(push.pool, 'open')
  const [sample] = await createRuns(deps, push.deployment, 1, inSeconds(deps, 600))
  if (sample) await copyRun(deps, await readRun(deps, sample.id), 299)
  const [run] = await createRuns(deps, deployment, 1, inSeconds(deps, 601))
  await pause(push.pool, push.queueId)
  stage.world.clock.pass(660)
  const index = laggingIndex(deps.table)
  await index.catchUp()
  const before = (await readRun(deps, sample?.id ?? '')).revision
  await dispatchPool(withInterceptor(deps, index.intercept), push.pool.id, NO_DEADLINE)
  expect((await readRun(deps, run?.id ?? '')).state.type).toBe('PENDING')
  expect((await readRun(deps, sample?.id ?? '')).revision).toBe(before + 1)
})

it('explains a run by those that go first, not by more than a thousand in paused queues before them', async () => {
  const { deps } = stage
  await pausedQueues(9, 130)
  const { deployment } = await queueWith(push.pool, 'open')
  await createManyRuns(deps, deployment, 300)
  const [run] = await createRuns(deps, deployment, 1)
  await setLimit(deps.table, `pool#${push.pool.id}`, 10)
  const [said] = await explainRuns(deps, [run?.id ?? ''])
  expect(said?.message).toBe('300 runs go first for the 10 free slots of its work pool.')
})

it('explains a run by all whose limits have room, not by more than a thousand whose limit has none', async () => {
  const { deps } = stage
  const limited = (name: string) =>
    commandDeployment(deps, { pool: push.pool, queueId: push.queueId, name, concurrencyLimit: 0 })
  const [sample] = await createRuns(deps, await limited('full'), 1)
  await dispatch()
  if (sample) await copyRun(deps, await readRun(deps, sample.id), 1_100)
  const others: Deployment[] = []
  for (let n = 0; n < 6; n += 1) others.push(await limited(`other-${n}`))
  for (const other of others) await createRuns(deps, other, 1)
  await dispatch()
  for (const { id } of others) await setLimit(deps.table, deploymentLimit(id), 1)
  await setLimit(deps.table, `pool#${push.pool.id}`, 3)
  const [run] = await createRuns(deps, push.deployment, 1)
  const [said] = await explainRuns(deps, [run?.id ?? ''])
  expect(said?.message).toBe('6 runs go first for the 3 free slots of its work pool.')
})

it('a run behind thousands of a full deployment is offered within a few polls, however few are wanted', {
  timeout: 60_000,
}, async () => {
  const { deps } = stage
  const pool = await createWorkPool(deps, { name: 'pull', type: 'process' })
  const full = await commandDeployment(deps, { pool, name: 'full', concurrencyLimit: 0 })
  await createManyRuns(deps, full, 2_000)
  const [run] = await createRuns(deps, await commandDeployment(deps, { pool, name: 'free' }), 1)
  const poll = () => listScheduledRuns(deps, { poolId: pool.id, scheduledBefore: deps.clock.now(), limit: 10 })
  const found = [...(await poll()), ...(await poll())].map(({ run: { id } }) => id)
  expect(found).toContain(run?.id)
})
