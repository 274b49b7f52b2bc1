import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CollisionStrategy, Deployment } from '#shared/deployment/deployment.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { saveDeployment, updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { cancelCollidingRuns } from '#shared/engine/sweep/cancel-colliding-runs.ts'
import { openCountedLimits } from '#shared/engine/sweep/open-counted-limits.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { updateWorkPool } from '#shared/engine/work-pool/update-work-pool.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { LIMIT_PHASES } from '#shared/storage/dynamo/table.ts'
import { listLimits } from '#shared/storage/limit/get-limits.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import {
  commandDeployment,
  createRuns,
  inSeconds,
  NO_DEADLINE,
  pushPool,
  readRun,
} from '../../support/fixtures/fixtures.ts'
import { copyRun, putRuns } from '../../support/fixtures/many-runs.ts'
import { setLimit } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

/** What the dispatcher and workers don't get to see, because something else keeps the runs from being met. */
let world: World
beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => world.close())

const CANCELLED = { type: 'CANCELLED', message: 'Deployment concurrency limit reached.' }
const stateOf = async (run: FlowRun | undefined) => (await readRun(world, run?.id ?? '')).state
const named = { collisionStrategy: 'CANCEL_NEW', concurrencyLimit: 1 } as const
const strategy = (collisionStrategy: CollisionStrategy) => ({
  concurrencyOptions: { collisionStrategy, gracePeriodSeconds: null },
})

async function tickAfter(seconds: number): Promise<number> {
  world.clock.pass(seconds)
  return await cancelCollidingRuns(world)
}

async function pausedQueue(): Promise<{ deployment: Deployment; pause: (paused: boolean) => Promise<void> }> {
  const { pool, queueId } = await pushPool(world)
  const deployment = await commandDeployment(world, { pool, queueId, name: 'limited', ...named })
  const pause = async (paused: boolean) => {
    const queue = await getQueue(world.table, pool.id, queueId)
    if (queue) await updateWorkQueue(world, queue, {}, { paused })
  }
  return { deployment, pause }
}

it('a run behind thousands that fell due with it is cancelled, too', { timeout: 60_000 }, async () => {
  const { deployment, pause } = await pausedQueue()
  await createRuns(world, deployment, 1)
  await dispatchPool(world, deployment.poolId ?? '', NO_DEADLINE)
  await pause(true)
  const [run] = await createRuns(world, deployment, 1, inSeconds(world, 60))
  const before = await readRun(world, run?.id ?? '')
  const state = { ...before.state, type: 'CANCELLED' as const }
  const ended = { ...before, state, endTime: before.created, expectedStartTime: before.expectedStartTime - 1 }
  await copyRun(world, ended, 5_100)
  expect(await tickAfter(61)).toBe(1)
  expect(await stateOf(run)).toMatchObject(CANCELLED)
})

it('a run in a paused queue is cancelled at its due time, when the limit is full', async () => {
  const { deployment, pause } = await pausedQueue()
  const [held] = await createRuns(world, deployment, 1)
  await dispatchPool(world, deployment.poolId ?? '', NO_DEADLINE)
  expect(await stateOf(held)).toMatchObject({ type: 'PENDING' })
  await pause(true)
  const [later] = await createRuns(world, deployment, 1, inSeconds(world, 90))
  expect(await tickAfter(60)).toBe(0)
  expect(await stateOf(later)).toMatchObject({ type: 'SCHEDULED' })
  expect(await tickAfter(60)).toBe(1)
  expect(await stateOf(later)).toMatchObject(CANCELLED)
  expect(await stateOf(held)).toMatchObject({ type: 'PENDING' })
  const [now] = await createRuns(world, deployment, 1)
  expect(await stateOf(now)).toMatchObject(CANCELLED)
})

it('runs behind a full pool do not run one after the other', async () => {
  const { pool, queueId } = await pushPool(world, { poolLimit: 1 })
  const deployment = await commandDeployment(world, { pool, queueId, name: 'limited', ...named })
  const [first, ...others] = await createRuns(world, deployment, 3)
  await dispatchPool(world, pool.id, NO_DEADLINE)
  expect(await stateOf(first)).toMatchObject({ type: 'PENDING' })
  await tickAfter(60)
  for (const other of others) expect(await stateOf(other)).toMatchObject(CANCELLED)
})

it('runs of a pool that no worker polls, and of none, are cancelled too', async () => {
  const pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  const pulled = await commandDeployment(world, { pool, ...named })
  const { deployment: served } = await saveDeployment(world, {
    flowId: pulled.flowId,
    name: 'served',
    change: { concurrencyLimit: 1, ...strategy('CANCEL_NEW') },
    schedules: [],
  })
  for (const deployment of [pulled, served]) {
    const [held, waiting] = await createRuns(world, deployment, 2)
    await setState(world, held?.id ?? '', { type: 'RUNNING' })
    await tickAfter(60)
    expect(await stateOf(waiting)).toMatchObject(CANCELLED)
    expect(await stateOf(held)).toMatchObject({ type: 'RUNNING' })
  }
})

it('under a limit of 0 every run is cancelled', async () => {
  const { deployment } = await pausedQueue()
  const [later] = await createRuns(world, deployment, 1, inSeconds(world, 30))
  await updateDeployment(world, deployment.id, { concurrencyLimit: 0 })
  expect(await tickAfter(60)).toBe(1)
  expect(await stateOf(later)).toMatchObject(CANCELLED)
})

it('no run is cancelled for which the limit has room, whatever else is full or paused', async () => {
  const { deployment, pause } = await pausedQueue()
  await updateWorkPool(world, 'push', {}, { limit: 0 })
  await pause(true)
  const [waiting, later] = [
    ...(await createRuns(world, deployment, 1)),
    ...(await createRuns(world, deployment, 1, inSeconds(world, 30))),
  ]
  for (let tick = 0; tick < 3; tick += 1) expect(await tickAfter(60)).toBe(0)
  expect(await stateOf(waiting)).toMatchObject({ type: 'SCHEDULED' })
  expect(await stateOf(later)).toMatchObject({ type: 'SCHEDULED' })
})

it('a limit that is still counting cancels nothing; once it is open, it does', async () => {
  const { pool, queueId } = await pushPool(world)
  const deployment = await commandDeployment(world, { pool, queueId, name: 'late', collisionStrategy: 'CANCEL_NEW' })
  const [held] = await createRuns(world, deployment, 1)
  await dispatchPool(world, pool.id, NO_DEADLINE)
  await updateDeployment(world, deployment.id, { concurrencyLimit: 1 })
  const [waiting] = await createRuns(world, deployment, 1)
  await dispatchPool(world, pool.id, NO_DEADLINE)
  expect(await tickAfter(1)).toBe(0)
  expect(await stateOf(waiting)).toMatchObject({ type: 'SCHEDULED' })
  world.clock.pass(2)
  expect(await openCountedLimits(world)).toBe(1)
  expect(await tickAfter(1)).toBe(1)
  expect(await stateOf(waiting)).toMatchObject(CANCELLED)
  expect(await stateOf(held)).toMatchObject({ type: 'PENDING' })
})

it('strategy and limit change together, and only limits that may collide are looked at', async () => {
  const { deployment } = await pausedQueue()
  const listed = async () => (await listLimits(world.table, LIMIT_PHASES.cancelNew)).map(({ key }) => key)
  const key = deploymentLimit(deployment.id)
  expect(await listed()).toEqual([key])
  await updateDeployment(world, deployment.id, strategy('ENQUEUE'))
  expect(await listed()).toEqual([])
  await updateDeployment(world, deployment.id, strategy('CANCEL_NEW'))
  expect(await listed()).toEqual([key])
  await updateDeployment(world, deployment.id, { concurrencyLimit: null })
  expect(await listed()).toEqual([])
  await updateDeployment(world, deployment.id, { concurrencyLimit: 2 })
  expect(await listed()).toEqual([key])
  await deleteDeployment(world, deployment.id)
  expect(await listed()).toEqual([])
})

it('a tick costs one read while no deployment has the strategy, and one more for those that do', async () => {
  await pushPool(world)
  const calls: string[] = []
  const watched = withInterceptor(world, ({ name }, go) => {
    calls.push(name)
    return go()
  })
  await cancelCollidingRuns(watched)
  expect(calls.splice(0)).toEqual(['dynamodb QueryCommand'])
  const pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  for (const name of ['a', 'b', 'c']) await commandDeployment(world, { pool, name, ...named })
  await cancelCollidingRuns(watched)
  expect(calls).toEqual(['dynamodb QueryCommand', 'dynamodb BatchGetItemCommand'])
})

describe('of several full limits', () => {
  /** Two deployments whose limit is full, each with so many runs that are due; the one that comes first in front. */
  async function two(n: number) {
    const { pool } = await pushPool(world)
    const full = async (name: string) => {
      const deployment = await commandDeployment(world, { pool, name, ...named })
      const [run] = await createRuns(world, deployment, 1)
      if (!run) throw new Error('no run')
      const runs = [run, ...(await copyRun(world, await readRun(world, run.id), n - 1))]
      await setLimit(world.table, deploymentLimit(deployment.id), 0)
      return { id: deployment.id, runs }
    }
    const both = [await full('one'), await full('two')]
    const order = (await listLimits(world.table, LIMIT_PHASES.cancelNew)).map(({ key }) => key)
    return both.toSorted((a, b) => order.indexOf(deploymentLimit(a.id)) - order.indexOf(deploymentLimit(b.id)))
  }
  const isOf = (input: unknown, id: string) => JSON.stringify(input).includes(id)

  it('each gets its share of the time, and goes on with the next tick', async () => {
    const [first, second] = await two(130)
    const slow = withInterceptor(world, async ({ name, input }, go) => {
      const [isFirst, isSecond] = [first, second].map((each) => isOf(input, deploymentLimit(each?.id ?? '')))
      if (name === 'dynamodb BatchGetItemCommand' && isFirst && !isSecond) world.clock.pass(12)
      return await go()
    })
    const before = await cancelCollidingRuns(slow, inSeconds(world, 20))
    expect([before, await cancelCollidingRuns(world)]).toEqual([100 + 130, 30])
    expect(await stateOf(second?.runs[0])).toMatchObject(CANCELLED)
  })

  it('one that fails keeps none of the others from it', async () => {
    const [first, second] = await two(2)
    const broken = withInterceptor(world, async ({ name, input }, go) => {
      if (name === 'dynamodb QueryCommand' && isOf(input, first?.id ?? '')) throw new Error('no answer')
      return await go()
    })
    expect(await cancelCollidingRuns(broken)).toBe(2)
    expect(await stateOf(second?.runs[0])).toMatchObject(CANCELLED)
    const fields = { limit: deploymentLimit(first?.id ?? '') }
    expect(world.logged).toContainEqual(expect.objectContaining({ message: 'colliding runs not cancelled' }))
    expect(world.logged.at(-1)).toMatchObject({ level: 'warn', fields })
  })

  it('one that has got room since is left alone, and so is a run that was put off or was taken', async () => {
    const [first, second] = await two(3)
    const [later, taken] = second?.runs ?? []
    const put = async (run: FlowRun | undefined, change: (run: FlowRun) => FlowRun) => {
      if (run) await putRuns(world, [change(await readRun(world, run.id))])
    }
    await put(later, (run) => ({ ...run, nextScheduledStartTime: inSeconds(world, 60) }))
    let looks = 0
    const opened = withInterceptor(world, async ({ name, input }, go) => {
      const answer = await go()
      if (name === 'dynamodb QueryCommand' && isOf(input, first?.id ?? '')) {
        await setLimit(world.table, deploymentLimit(first?.id ?? ''), 5)
      }
      const reads = name === 'dynamodb BatchGetItemCommand' && isOf(input, taken?.id ?? '')
      // It is taken between the two times that it is read.
      if (reads && ++looks === 1) await put(taken, (run) => ({ ...run, state: newState('RUNNING', run.created) }))
      return answer
    })
    expect(await cancelCollidingRuns(opened)).toBe(1)
    expect(await stateOf(first?.runs[0])).toMatchObject({ type: 'SCHEDULED' })
    expect([(await stateOf(later)).type, (await stateOf(taken)).type]).toEqual(['SCHEDULED', 'RUNNING'])
  })

  it('counts those alone that it cancelled itself', async () => {
    const [first] = await two(2)
    const crossed = withInterceptor(world, async ({ name, input }, go) => {
      if (name === 'dynamodb PutItemCommand' && isOf(input, `run#${first?.runs[0]?.id}`)) {
        await setState(world, first?.runs[0]?.id ?? '', { type: 'CANCELLED', message: 'by someone else' })
      }
      return await go()
    })
    expect(await cancelCollidingRuns(crossed)).toBe(3)
  })
})
