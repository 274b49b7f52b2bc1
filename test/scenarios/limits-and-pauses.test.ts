import { expect, it } from 'vitest'
import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { listScheduledRuns } from '#shared/engine/poll/list-scheduled-runs.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { updateWorkPool } from '#shared/engine/work-pool/update-work-pool.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { deploymentLimit, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import type { LimitSettings } from '#shared/storage/limit/limit-actions.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import { createTaskEvents } from '../../functions/task-events/handler.ts'
import { startProcess } from '../support/faults/faulty-calls.ts'
import {
  commandDeployment,
  createRuns,
  NO_DEADLINE,
  type PushPool,
  pushPool,
  readLimit,
} from '../support/fixtures/fixtures.ts'
import { createManyRuns } from '../support/fixtures/many-runs.ts'
import { miscount } from '../support/fixtures/miscount.ts'
import { ledgerProblems, takeSnapshot } from '../support/invariants.ts'
import { sqsEvent, taskEventBody } from '../support/lambda-events.ts'
import { passAndTick, type Stage, settle } from '../support/stage.ts'
import { stageForEachTest } from '../support/stage-for-each-test.ts'

let stage: Stage
stageForEachTest((opened) => {
  stage = opened
})

const dispatch = ({ pool }: PushPool) => dispatchPool(stage.deps, pool.id, NO_DEADLINE)
const problems = async () => ledgerProblems(await takeSnapshot(stage.deps.table))

async function changeQueue({ pool, queueId }: PushPool, settings: LimitSettings): Promise<void> {
  const queue = await getQueue(stage.deps.table, pool.id, queueId)
  if (!queue) throw new Error('no queue')
  await updateWorkQueue(stage.deps, queue, {}, settings)
}

const PAUSES = {
  queue: { limitOf: ({ queueId }: PushPool) => queueLimit(queueId), change: changeQueue },
  pool: {
    limitOf: ({ pool }: PushPool) => poolLimit(pool.id),
    change: ({ pool }: PushPool, settings: LimitSettings) => updateWorkPool(stage.deps, pool.name, {}, settings),
  },
}

it.each(['queue', 'pool'] as const)(
  'no claim commits once a pause of the %s has returned',
  { timeout: 120_000 },
  async (noun) => {
    const { deps } = stage
    const { limitOf, change } = PAUSES[noun]
    const push = await pushPool(deps)
    const total = 300
    await createManyRuns(deps, push.deployment, total)
    let pausing: Promise<number> | undefined
    /** Pauses, then reads at once how often slots have moved by then. */
    const pause = async () => {
      await change(push, { paused: true })
      return (await readLimit(deps, limitOf(push))).moves
    }
    const worker = async () => {
      for (;;) {
        const polled = await listScheduledRuns(deps, { poolId: push.pool.id, limit: 10 })
        if (polled.length === 0) return
        for (const { run } of polled) await setState(deps, run.id, { type: 'PENDING' })
        const { active } = await readLimit(deps, limitOf(push))
        if (active >= 40) pausing ??= pause()
      }
    }
    const slowDispatcher = async () => {
      const slow = { ...deps, launchBucket: new LaunchBucket(1_000_000, 3) }
      // oxlint-disable-next-line no-unmodified-loop-condition -- a worker sets it
      while (!pausing) await dispatchPool(slow, push.pool.id, NO_DEADLINE)
      await dispatchPool(slow, push.pool.id, NO_DEADLINE)
    }
    await Promise.all([...Array.from({ length: 6 }, worker), slowDispatcher(), slowDispatcher()])
    const atPause = await pausing
    const paused = await readLimit(deps, limitOf(push))
    console.log(
      `pause of the ${noun}: ${atPause} claim transactions before its answer, ${paused.moves - (atPause ?? 0)} after; ${paused.active} of ${total} runs held`,
    )
    expect(paused.moves).toBe(atPause)
    expect(paused.active).toBeLessThan(total)
    await change(push, { paused: false })
    await dispatch(push)
    expect((await readLimit(deps, limitOf(push))).active).toBe(total)
    expect(await problems()).toEqual([])
  },
)

it('a lowered limit stops no run, and none starts until enough have ended; raised, it wakes the pool', async () => {
  const { deps, ecs, world } = stage
  const push = await pushPool(deps, { queueLimit: 6 })
  ecs.script = () => ({ runsForSeconds: null })
  await createRuns(deps, push.deployment, 10)
  await dispatch(push)
  await changeQueue(push, { limit: 3 })
  const key = queueLimit(push.queueId)
  expect(await readLimit(deps, key)).toMatchObject({ active: 6, available: -3 })
  const started: number[] = []
  for (const task of ecs.started.slice(0, 4)) {
    task.script = { ...task.script, runsForSeconds: 0 }
    ecs.pass()
    await createTaskEvents(deps)(sqsEvent(ecs.takeNews().map(taskEventBody)))
    await dispatch(push)
    started.push(ecs.started.length)
  }
  expect(started).toEqual([6, 6, 6, 7])
  expect(ecs.started.filter((task) => task.stopAskedAt !== null)).toEqual([])
  world.sent.splice(0)
  await changeQueue(push, { limit: 5 })
  expect(world.sent).toContainEqual({ poolId: push.pool.id, reason: 'limit-raised', delaySeconds: 0 })
  await dispatch(push)
  expect(await readLimit(deps, key)).toMatchObject({ active: 5, available: 0 })
  expect(await problems()).toEqual([])
})

it('a first limit on a busy deployment counts what is held, and is exact from then on', async () => {
  const { deps, ecs } = stage
  const push = await pushPool(deps, { queueLimit: 8 })
  const key = deploymentLimit(push.deployment.id)
  ecs.script = ({ name }) => ({ startsAfterSeconds: 1, runsForSeconds: 20 * (name.length % 7) })
  await createRuns(deps, push.deployment, 30)
  const activeByTick: number[] = []
  for (let tick = 0; tick < 40; tick += 1) {
    // Dispatchers and workers carry on while the limit is introduced.
    const introduced = tick === 2 ? updateDeployment(deps, push.deployment.id, { concurrencyLimit: 3 }) : undefined
    await Promise.all([introduced, dispatch(push), dispatch(push)])
    await passAndTick(stage, 30)
    await settle(stage)
    expect(await problems()).toEqual([])
    if (tick >= 2) activeByTick.push((await readLimit(deps, key)).active)
  }
  const firstWithin = activeByTick.findIndex((active) => active <= 3)
  expect(Math.max(...activeByTick.slice(firstWithin))).toBeLessThanOrEqual(3)
  expect(Math.max(...activeByTick)).toBeGreaterThan(3)
  expect(await readLimit(deps, key)).toMatchObject({ paused: false, limit: 3, active: 0, available: 3 })
  const { runs } = await takeSnapshot(deps.table)
  expect(runs.filter((run) => run.state.type === 'COMPLETED')).toHaveLength(30)
})

async function limited(push: PushPool, options: Partial<Deployment> = {}): Promise<Deployment> {
  const { pool, queueId } = push
  const collisionStrategy = options.collisionStrategy ?? null
  return await commandDeployment(stage.deps, { pool, queueId, name: 'limited', concurrencyLimit: 1, collisionStrategy })
}

it('1,000 runs waiting for their deployment do not block 10 others behind them', {
  timeout: 120_000,
}, async () => {
  const { deps, ecs } = stage
  const push = await pushPool(deps)
  const deployment = await limited(push)
  ecs.script = () => ({ runsForSeconds: null })
  await createManyRuns(deps, deployment, 1_001)
  await createRuns(deps, push.deployment, 10)
  const first = await dispatch(push)
  expect(first).toMatchObject({ claimed: 11, launched: 11, parked: 1_000 })
  const process = startProcess(deps)
  await dispatchPool(process.deps, push.pool.id, NO_DEADLINE)
  console.log(
    `1,000 blocked ahead of 10 free: 11 launched in the first dispatch; the next one makes ${process.trace.length} calls`,
  )
  expect(process.trace.length).toBeLessThan(10)
  expect(await problems()).toEqual([])
})

it('a deployment with CANCEL_NEW cancels colliding runs with the reason, and never the active one', async () => {
  const { deps } = stage
  const push = await pushPool(deps)
  const deployment = await limited(push, { collisionStrategy: 'CANCEL_NEW' })
  await createRuns(deps, deployment, 4)
  await dispatch(push)
  const { runs } = await takeSnapshot(deps.table)
  const [first, ...others] = runs.toSorted((a, b) => a.created - b.created)
  expect(first?.state.type).toBe('PENDING')
  for (const { state } of others) {
    expect(state).toMatchObject({ type: 'CANCELLED', message: 'Deployment concurrency limit reached.' })
  }
  expect(await problems()).toEqual([])
})

it.each([
  { drift: 2, limits: ['pool'] },
  { drift: 2, limits: ['queue'] },
  { drift: -1, limits: ['pool', 'queue'] },
])('a count of $limits off by $drift is repaired by the second quiet sweep', async ({ drift, limits }) => {
  const { deps, ecs, world } = stage
  const push = await pushPool(deps, { queueLimit: 5 })
  ecs.script = () => ({ runsForSeconds: null })
  await createRuns(deps, push.deployment, 2)
  await dispatch(push)
  const keys = { pool: poolLimit(push.pool.id), queue: queueLimit(push.queueId) }
  for (const limit of limits) await miscount(deps.table, keys[limit as keyof typeof keys], drift)
  expect(await sweep(deps)).toMatchObject({ drift: 0 })
  expect(await problems()).not.toEqual([])
  // Where the pool itself counts more than are found, an index may lag.
  world.clock.pass(limits.includes('pool') && drift > 0 ? INDEX_LAG_SECONDS_MAX : 0)
  expect(await sweep(deps)).toMatchObject({ drift: limits.length })
  expect(await problems()).toEqual([])
  expect(await sweep(deps)).toMatchObject({ drift: 0 })
})

it('the count of a busy limit is left alone, however long it seems off', async () => {
  const { deps, ecs } = stage
  const push = await pushPool(deps, { queueLimit: 5 })
  ecs.script = () => ({ runsForSeconds: null })
  await createRuns(deps, push.deployment, 4)
  await miscount(stage.deps.table, queueLimit(push.queueId), 1)
  for (let move = 0; move < 3; move += 1) {
    expect(await sweep(deps)).toMatchObject({ drift: 0 })
    const oneMore = { ...deps, launchBucket: new LaunchBucket(0, 1) }
    await dispatchPool(oneMore, push.pool.id, NO_DEADLINE)
  }
  expect((await readLimit(deps, queueLimit(push.queueId))).active).toBe(4)
  expect(await sweep(deps)).toMatchObject({ drift: 0 })
  expect(await sweep(deps)).toMatchObject({ drift: 1 })
  expect(await problems()).toEqual([])
})
