import { TransactionCanceledException, type TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { deploymentLimit, queueLimit } from '#shared/limit/limit.ts'
import { listRoomHints } from '#shared/storage/limit/room-hints.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { laggingIndex } from '../../support/faults/lagging-index.ts'
import {
  commandDeployment,
  createRuns,
  inSeconds,
  NO_DEADLINE,
  type PushPool,
  readRun,
} from '../../support/fixtures/fixtures.ts'
import { copyRun } from '../../support/fixtures/many-runs.ts'
import { setLimit } from '../../support/fixtures/put-limits.ts'
import { type PushWork, pushForEachTest } from '../../support/push-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
let dispatch: PushWork['dispatch']
let launched: PushWork['launched']
pushForEachTest((work) => {
  ;({ world, push, dispatch, launched } = work)
})

/** What a dispatch sends. */
async function sentBy(deps: Partial<Deps> = {}) {
  world.sent.splice(0)
  await dispatchPool({ ...world, ...deps }, push.pool.id, NO_DEADLINE)
  return world.sent.splice(0)
}
const more = () => ({ poolId: push.pool.id, reason: 'more', delaySeconds: 1 })

it('with no launch left in the bucket, a later wake-up goes on', async () => {
  await createRuns(world, push.deployment, 3)
  expect(await sentBy({ launchBucket: new LaunchBucket(0, 2) })).toEqual([more()])
  expect(await sentBy()).toEqual([])
})

it('a run that is refused time and again, though its limits seem open, is left to a later wake-up', async () => {
  const [run] = await createRuns(world, push.deployment, 1)
  let claims = 0
  const refusing = withInterceptor(world, async ({ name, input }, go) => {
    if (name !== 'dynamodb TransactWriteItemsCommand') return await go()
    claims += 1
    const { TransactItems: items = [] } = input as TransactWriteItemsCommandInput
    const CancellationReasons = items.map((_, at) => ({ Code: at === 0 ? 'None' : 'ConditionalCheckFailed' }))
    throw new TransactionCanceledException({ message: 'refused', $metadata: {}, CancellationReasons })
  })
  expect(await sentBy(refusing)).toEqual([more()])
  expect(claims).toBeGreaterThan(10)
  expect((await readRun(world, run?.id ?? '')).state.type).toBe('SCHEDULED')
})

it('a run that a client claimed a moment before is tried once, and not launched, though the index still shows it', async () => {
  const [run] = await createRuns(world, push.deployment, 1)
  const index = laggingIndex(world.table)
  await index.catchUp()
  let claims = 0
  const overtaken = withInterceptor(withInterceptor(world, index.intercept), async ({ name }, go) => {
    if (name === 'dynamodb TransactWriteItemsCommand') claims += 1
    if (claims === 1) await setState(world, run?.id ?? '', { type: 'PENDING' })
    return await go()
  })
  const started = world.tasks.started.length
  expect(await dispatchPool(overtaken, push.pool.id, NO_DEADLINE)).toMatchObject({ claimed: 0, launched: 0 })
  expect(claims).toBe(1)
  expect(world.tasks.started).toHaveLength(started)
  expect(await readRun(world, run?.id ?? '')).toMatchObject({ claim: { by: { kind: 'client' } }, launch: null })
})

it('what is held is inspected by a wake-up too, once it is out of time', async () => {
  const jobVariables = { command: ['sleep'], timeout_seconds: 60 }
  const timed = await commandDeployment(world, { ...push, name: 'timed', jobVariables })
  const [run] = await createRuns(world, timed, 1)
  await sentBy()
  const { launch } = await readRun(world, run?.id ?? '')
  await applyEcsTask(world, world.tasks.becomes(launch?.taskArn ?? '', 'RUNNING'))
  world.clock.pass(61)
  await sentBy()
  expect(world.tasks.stopped.map(({ taskArn }) => taskArn)).toContain(launch?.taskArn)
})

it('arms what is due before long, in whatever line, and nothing that is due later', async () => {
  await createRuns(world, push.deployment, 1, inSeconds(world, 600))
  expect(await sentBy()).toEqual([])
  await createRuns(world, push.deployment, 1, inSeconds(world, 80))
  expect(await sentBy()).toMatchObject([{ reason: 'due', delaySeconds: 80 }])
  world.clock.pass(570)
  const due = await sentBy()
  expect(due).toMatchObject([{ poolId: push.pool.id, reason: 'due' }])
  expect(due[0]?.delaySeconds).toBeLessThanOrEqual(30)
})

it('arms the end of the time that a run has', async () => {
  const jobVariables = { command: ['sleep'], timeout_seconds: 60 }
  const timed = await commandDeployment(world, { ...push, name: 'timed', jobVariables })
  const [run] = await createRuns(world, timed, 1)
  expect(await sentBy()).toEqual([])
  const { launch } = await readRun(world, run?.id ?? '')
  await applyEcsTask(world, world.tasks.becomes(launch?.taskArn ?? '', 'RUNNING'))
  expect(await sentBy()).toMatchObject([{ reason: 'due', delaySeconds: 60 }])
})

it('room in a pool that pushes no more is announced to its workers', async () => {
  const pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  const deployment = await commandDeployment(world, { pool, name: 'limited', concurrencyLimit: 1 })
  const key = deploymentLimit(deployment.id)
  world.sent.splice(0)
  await dispatchPool(world, pool.id, NO_DEADLINE, { limits: [key] })
  expect(world.sent).toEqual([])
  expect((await listRoomHints(world.table, pool.id, 0, 10)).map(({ limit }) => limit)).toEqual([key])
  const [run] = await createRuns(world, deployment, 1)
  expect((await setState(world, run?.id ?? '', { type: 'PENDING' })).verdict.status).toBe('ACCEPT')
})

describe('a dispatch', () => {
  const limited = (concurrencyLimit: number) => commandDeployment(world, { ...push, name: 'limited', concurrencyLimit })
  const pause = async () => {
    const queue = await getQueue(world.table, push.pool.id, push.queueId)
    if (queue) await updateWorkQueue(world, queue, {}, { paused: true })
  }
  const nothing = { claimed: 0, launched: 0, parked: 0, moved: 0, inspected: 0, waits: [] }

  it('says what it did, and why the rest waits', async () => {
    const deployment = await limited(1)
    const key = deploymentLimit(deployment.id)
    await createRuns(world, deployment, 3)
    expect(await dispatch()).toEqual({ ...nothing, claimed: 1, launched: 1, parked: 2 })
    await pause()
    await setLimit(world.table, key, 3)
    expect(await dispatchPool(world, push.pool.id, NO_DEADLINE, { limits: [key] })).toMatchObject({ moved: 2 })
    const subject = { kind: 'queue', id: push.queueId }
    const waits = [{ subject, reason: 'paused', limit: queueLimit(push.queueId) }]
    expect(await dispatch()).toEqual({ ...nothing, waits })
    world.clock.pass(901)
    expect(await dispatch()).toEqual({ ...nothing, inspected: 1, waits })
  })

  it('on the tick leaves what is held to the sweep where nothing waits', async () => {
    const { arn } = await launched()
    world.clock.pass(901)
    const tick = () => dispatchPool(world, push.pool.id, NO_DEADLINE, { tick: true })
    expect(await tick()).toEqual(nothing)
    await createRuns(world, push.deployment, 1, inSeconds(world, 3_600))
    expect(await tick()).toMatchObject({ inspected: 1 })
    expect(world.tasks.stopped.map(({ taskArn }) => taskArn)).toEqual([arn])
  })

  it('on the tick looks at what is held once it has handed out what waited', async () => {
    await launched()
    world.clock.pass(901)
    await createRuns(world, push.deployment, 1)
    expect(await dispatchPool(world, push.pool.id, NO_DEADLINE, { tick: true })).toMatchObject({
      claimed: 1,
      inspected: 1,
    })
  })

  it('begins nothing once time is up, and says to go on', async () => {
    await createRuns(world, push.deployment, 1)
    world.sent.splice(0)
    expect(await dispatchPool(world, push.pool.id, world.clock.now())).toEqual(nothing)
    expect(world.sent).toEqual([more()])
  })

  it('of a pool that is gone, or that it knows to be served by workers, does nothing', async () => {
    await createRuns(world, push.deployment, 1)
    expect(await dispatchPool(world, world.ids.uuid(), NO_DEADLINE)).toEqual(nothing)
    expect(await dispatchPool(world, { id: push.pool.id, push: false }, NO_DEADLINE)).toEqual(nothing)
    expect(await dispatchPool(world, { id: push.pool.id, push: true }, NO_DEADLINE)).toMatchObject({ launched: 1 })
  })

  it('inspects a hundred held runs at most, and leaves the others to the sweep', async () => {
    const { runId } = await launched()
    const run = await readRun(world, runId)
    await copyRun(world, run, 120)
    world.clock.pass(901)
    expect((await dispatch()).inspected).toBe(100)
  })
})
