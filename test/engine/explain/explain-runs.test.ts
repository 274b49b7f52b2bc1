import { beforeEach, describe, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { explainRun, explainRuns } from '#shared/engine/explain/explain-runs.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { idFromName } from '#shared/ids.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import { deploymentLimit, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun, RUN_ID, runIn, TASK_ARN } from '../../support/fixtures/a-run.ts'
import { commandDeployment, createRuns, inSeconds, type PushPool, pushPool } from '../../support/fixtures/fixtures.ts'
import { createManyRuns } from '../../support/fixtures/many-runs.ts'
import { miscount } from '../../support/fixtures/miscount.ts'
import { putLimits, setLimit, setPaused } from '../../support/fixtures/put-limits.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
stageForEachTest((stage) => {
  world = stage.world
})
beforeEach(async () => {
  push = await pushPool(world)
})

const stored = async (run: FlowRun) => {
  const own = { ...run, id: world.ids.uuid() }
  await createRun(world.table, own)
  return own
}
const said = async (run: FlowRun | undefined) => {
  const { reason, message, obstacles } = await explainRun(world, run?.id ?? '')
  return { reason, message, obstacles: obstacles.map((each) => each.reason) }
}
const nowhere = { poolId: null, queueId: null }

it.each([
  ['has ended', runIn('CANCELLED'), 'ended', 'The run has ended: Cancelled.'],
  ['is starting', runIn('PENDING'), 'starting', `Its ECS task is starting: ${TASK_ARN}.`],
  ['was handed out to a worker', runIn('PENDING', { launch: null }), 'starting', 'its start has not been reported yet'],
  ['runs', runIn('RUNNING'), 'held', 'The run has been handed out and is Running.'],
  ['is paused in its process', runIn('PAUSED'), 'held', 'The run has been handed out and is Paused.'],
  ['was suspended', runIn('PAUSED', { claim: null }), 'suspended', 'it goes on when it is resumed'],
  ['runs outside of pools', runIn('RUNNING', { ...nowhere, claim: null }), 'held', 'outside of any work pool'],
  ['is PENDING without a claim', runIn('PENDING', { ...nowhere, claim: null }), 'held', 'outside of any work pool'],
])('a run that %s is explained by that', async (_what, run, reason, words) => {
  const { message, ...rest } = await said(await stored(run))
  expect(rest).toEqual({ reason, obstacles: [] })
  expect(message).toContain(words)
})

it('runs are explained in the order asked for, once each, and those that are gone are left out', async () => {
  const runs = [await stored(runIn('RUNNING')), await stored(runIn('COMPLETED'))]
  const ids = runs.map(({ id }) => id)
  const found = await explainRuns(world, [...ids, RUN_ID, ...ids])
  expect(found.map(({ run }) => run.id)).toEqual(ids)
  await expect(explainRun(world, RUN_ID)).rejects.toMatchObject({ code: 'not_found' })
})

it('of runs that do not wait, no more is read than they themselves', async () => {
  const runs = [await stored(runIn('RUNNING')), await stored(runIn('COMPLETED', nowhere))]
  const reads: string[] = []
  const deps = withInterceptor(world, async ({ name, input }, go) => {
    if (Object.keys((input as { RequestItems?: object }).RequestItems ?? { one: 1 }).length > 0) reads.push(name)
    return await go()
  })
  await explainRuns(
    deps,
    runs.map(({ id }) => id),
  )
  expect(reads).toEqual(['dynamodb BatchGetItemCommand'])
})

describe('a run of a deployment that processes serve', () => {
  let served: Deployment
  let waiting: FlowRun
  beforeEach(async () => {
    served = push.deployment
    waiting = aRun({ ...nowhere, deploymentId: served.id })
  })

  it('starts when one of them polls, unless it is not due', async () => {
    expect(await said(await stored(waiting))).toMatchObject({ reason: 'not_in_a_pool', obstacles: [] })
    const alone = await stored({ ...waiting, deploymentId: null })
    expect(await said(alone)).toMatchObject({ reason: 'not_in_a_pool', obstacles: [] })
    const due = addSeconds(world.clock.now(), 600)
    const later = await stored({ ...waiting, nextScheduledStartTime: due })
    const message = `It is not due until ${formatInstant(due)}.`
    expect(await said(later)).toEqual({ reason: 'not_due', message, obstacles: ['not_due'] })
    const expected = await stored({ ...waiting, nextScheduledStartTime: null, expectedStartTime: due })
    expect(await said(expected)).toMatchObject({ reason: 'not_due' })
  })

  it('waits for its limit, and is cancelled without its deployment', async () => {
    const key = deploymentLimit(served.id)
    await putLimits(world.table, { [key]: 1 })
    expect(await said(await stored(waiting))).toMatchObject({ reason: 'not_in_a_pool' })
    await miscount(world.table, key, 1)
    const words = 'The concurrency limit of its deployment is reached (1 of 1 held); a slot has to become free.'
    expect(await said(await stored(waiting))).toEqual({ reason: 'full', message: words, obstacles: ['full'] })
    const { obstacles } = await explainRun(world, (await stored(waiting)).id)
    expect(obstacles).toMatchObject([{ limit: { key, active: 1 }, ahead: 0 }])
    const lost = await stored({ ...waiting, deploymentId: idFromName('gone') })
    const gone = 'Its deployment was deleted; the run is cancelled when its turn comes.'
    expect(await said(lost)).toEqual({ reason: 'deployment_deleted', message: gone, obstacles: ['deployment_deleted'] })
  })
})

describe('a run that waits in a pool', () => {
  const queueWith = async (name: string, priority?: number) => {
    const queue = await createWorkQueue(world, 'push', { name, priority })
    return await commandDeployment(world, { pool: push.pool, queueId: queue.id, name })
  }

  it('goes after those of queues with a higher priority that are due and not paused, and before all others', async () => {
    const high = await queueWith('high', 1)
    const low = await queueWith('low', 50)
    const closed = await queueWith('closed', 2)
    await setPaused(world.table, queueLimit(closed.queueId ?? ''), true)
    await createRuns(world, closed, 3)
    await createRuns(world, low, 3)
    await createRuns(world, high, 2)
    await createRuns(world, high, 4, inSeconds(world, 600))
    const [run] = await createRuns(world, push.deployment, 1)
    await setLimit(world.table, poolLimit(push.pool.id), 2)
    expect((await said(run)).message).toBe('2 runs go first for the 2 free slots of its work pool.')
    await setLimit(world.table, poolLimit(push.pool.id), 3)
    expect(await said(run)).toMatchObject({ reason: 'next', obstacles: [] })
  })

  it('counts those ahead that were due much later when they were written, and no more than a thousand', async () => {
    await createRuns(world, push.deployment, 2, inSeconds(world, 3_600))
    world.clock.pass(3_700)
    const [run] = await createRuns(world, push.deployment, 1)
    await setLimit(world.table, poolLimit(push.pool.id), 1)
    expect((await said(run)).message).toBe('2 runs go first for the one free slot of its work pool.')
    await createManyRuns(world, push.deployment, 1_010)
    const [last] = await createRuns(world, push.deployment, 1)
    expect((await said(last)).message).toContain('1,000+ runs go first')
  })

  it('has that in its way where its queue is gone', async () => {
    const lost = aRun({ poolId: push.pool.id, queueId: idFromName('no queue'), deploymentId: null })
    expect(await said(await stored(lost))).toMatchObject({ reason: 'missing', obstacles: ['missing'] })
  })

  it('that waits for the limit of its deployment goes after others with room, by due time', async () => {
    const limited = await commandDeployment(world, {
      pool: push.pool,
      queueId: push.queueId,
      name: 'l',
      concurrencyLimit: 1,
    })
    const place = { poolId: push.pool.id, queueId: push.queueId, deploymentId: limited.id }
    const state = newState('SCHEDULED', world.clock.now())
    const blocked = { ...aRun({ ...place, state }), blockedBy: deploymentLimit(limited.id) }
    const first = await stored(blocked)
    const second = await stored({ ...blocked, nextScheduledStartTime: addSeconds(state.timestamp, 1) })
    world.clock.pass(60)
    expect(await said(first)).toMatchObject({ reason: 'next' })
    expect((await said(second)).message).toBe('1 run goes first for the one free slot of its deployment.')
    const [other] = await createRuns(world, push.deployment, 1)
    await setLimit(world.table, poolLimit(push.pool.id), 1)
    expect((await said(other)).message).toBe('1 run goes first for the one free slot of its work pool.')
    await setLimit(world.table, deploymentLimit(limited.id), 0)
    expect(await said(other)).toMatchObject({ reason: 'next' })
  })
})
