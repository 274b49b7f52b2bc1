import { TransactionCanceledException, type TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb'
import { expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { listRoomHints } from '#shared/storage/limit/room-hints.ts'
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
import { pushForEachTest } from '../../support/push-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
pushForEachTest((work) => {
  ;({ world, push } = work)
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
