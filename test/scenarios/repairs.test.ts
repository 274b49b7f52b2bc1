import { expect, it } from 'vitest'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { checkDeploymentDrift } from '#shared/engine/sweep/check-deployment-drift.ts'
import { checkDrift } from '#shared/engine/sweep/check-drift.ts'
import type { Claim } from '#shared/flow-run/flow-run.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { repairLimit } from '#shared/storage/limit/change-limit.ts'
import { answerLost, withInterceptor } from '../support/faults/faulty-calls.ts'
import { everyOtherLook, laggingIndex } from '../support/faults/lagging-index.ts'
import {
  commandDeployment,
  createRuns,
  inSeconds,
  NO_DEADLINE,
  pushPool,
  readLimit,
  readRun,
} from '../support/fixtures/fixtures.ts'
import { miscount } from '../support/fixtures/miscount.ts'
import { inspectRun } from '../support/inspect-run.ts'
import { ledgerProblems, takeSnapshot } from '../support/invariants.ts'
import { passAndTick, type Stage, settle } from '../support/stage.ts'
import { stageForEachTest } from '../support/stage-for-each-test.ts'

/** Bugs found by reviews, simulation and fault injection, each in its shortest reproduction. */
let stage: Stage
stageForEachTest((opened) => {
  stage = opened
})

const problems = async () => ledgerProblems(await takeSnapshot(stage.deps.table))
const stateTypes = async () => (await takeSnapshot(stage.deps.table)).runs.map((run) => run.state.type)

it('an ECS task launched after a long outage of ECS gets its full time to start', async () => {
  const { deps, ecs } = stage
  const { deployment } = await pushPool(deps)
  await createRuns(deps, deployment, 1)
  ecs.refuse = () => new Error('503 Service Unavailable')
  ecs.script = () => ({ startsAfterSeconds: 90 })
  await passAndTick(stage, 0)
  await passAndTick(stage, 16 * 60)
  ecs.refuse = () => undefined
  await passAndTick(stage, 60)
  await passAndTick(stage, 60)
  await passAndTick(stage, 60)
  await settle(stage)
  expect(await stateTypes()).toEqual(['COMPLETED'])
  expect(ecs.started).toHaveLength(1)
})

it('a launch that cannot be recorded does not keep the other claimed runs from launching', async () => {
  const { deps } = stage
  const { pool, deployment } = await pushPool(deps)
  await createRuns(deps, deployment, 25)
  let failures = 0
  const faulty = withInterceptor(deps, async ({ name }, go) => {
    if (name !== 'dynamodb PutItemCommand' || failures > 0) return await go()
    failures += 1
    throw answerLost(name)
  })
  const { claimed, launched } = await dispatchPool(faulty, pool.id, NO_DEADLINE)
  expect({ claimed, launched }).toEqual({ claimed: 25, launched: 24 })
})

it('runs behind a full deployment limit are parked once, and send no wake-up', async () => {
  const { deps, world } = stage
  const { pool, queueId } = await pushPool(deps)
  const limited = await commandDeployment(deps, { pool, queueId, name: 'limited', concurrencyLimit: 1 })
  await createRuns(deps, limited, 4)
  world.sent.splice(0)
  const { launched, parked } = await dispatchPool(deps, pool.id, NO_DEADLINE)
  expect({ launched, parked }).toEqual({ launched: 1, parked: 3 })
  expect(world.sent.filter(({ reason }) => reason === 'released')).toEqual([])
})

it('a run that drops out of the index now and then is not mistaken for drift', async () => {
  const { deps, ecs } = stage
  const { pool, queueId, deployment } = await pushPool(deps, { queueLimit: 1 })
  ecs.script = () => ({ runsForSeconds: null })
  const index = laggingIndex(deps.table)
  await index.catchUp()
  await createRuns(deps, deployment, 1)
  await dispatchPool(deps, pool.id, NO_DEADLINE)
  const lagging = withInterceptor(deps, index.intercept)
  for (const lags of [true, false, true]) {
    index.lags = lags
    await checkDrift(lagging, pool.id)
  }
  expect(await readLimit(deps, queueLimit(queueId))).toMatchObject({ active: 1, available: 0 })
})

it('a run that an index does not show for minutes is not mistaken for drift', async () => {
  const { deps, ecs, world } = stage
  const { pool, queueId } = await pushPool(deps, { queueLimit: 1 })
  const limited = await commandDeployment(deps, { pool, queueId, name: 'limited', concurrencyLimit: 1 })
  ecs.script = () => ({ runsForSeconds: null })
  const index = laggingIndex(deps.table)
  await index.catchUp()
  await createRuns(deps, limited, 1)
  await dispatchPool(deps, pool.id, NO_DEADLINE)
  const lagging = withInterceptor(deps, index.intercept)
  for (let tick = 0; tick < 4; tick += 1) {
    expect(await checkDrift(lagging, pool.id)).toMatchObject({ repaired: 0, clean: false })
    expect(await checkDeploymentDrift(lagging, [null, pool.id])).toBe(0)
    world.clock.pass(60)
  }
  expect(await problems()).toEqual([])
  // It would have to lag for longer than is taken to be possible.
  world.clock.pass(60)
  expect(await checkDrift(lagging, pool.id)).toMatchObject({ repaired: 2 })
})

it('a run that moves within the index is found by the second read', async () => {
  const { deps, ecs } = stage
  const { pool, queueId, deployment } = await pushPool(deps, { queueLimit: 1 })
  ecs.script = () => ({ runsForSeconds: null })
  const index = laggingIndex(deps.table)
  await index.catchUp()
  await createRuns(deps, deployment, 1)
  await dispatchPool(deps, pool.id, NO_DEADLINE)
  const flickering = withInterceptor(deps, everyOtherLook(index))
  for (let tick = 0; tick < 4; tick += 1) {
    index.lags = true
    await checkDrift(flickering, pool.id)
  }
  expect(await readLimit(deps, queueLimit(queueId))).toMatchObject({ active: 1, available: 0 })
})

it('drift is repaired once, by however many sweeps and retries', async () => {
  const { deps } = stage
  const { queueId } = await pushPool(deps, { queueLimit: 5 })
  await miscount(stage.deps.table, queueLimit(queueId), 2)
  const seen = { drift: 2, proven: true, now: deps.clock.now() }
  await repairLimit(deps.table, await readLimit(deps, queueLimit(queueId)), seen)
  const noted = await readLimit(deps, queueLimit(queueId))
  const repairs = await Promise.all([1, 2, 3].map(() => repairLimit(deps.table, noted, seen)))
  expect(repairs.filter(Boolean)).toHaveLength(1)
  expect(await problems()).toEqual([])
})

it('an agent whose heartbeat came just in time is not presumed dead', async () => {
  const { deps, world } = stage
  const { deployment } = await pushPool(deps)
  const [run] = await createRuns(deps, deployment, 1)
  if (!run) throw new Error('no run')
  await setState(deps, run.id, { type: 'PENDING' })
  const claimed = await readRun(deps, run.id)
  if (!claimed.claim) throw new Error('no claim')
  const claim: Claim = { ...claimed.claim, by: { kind: 'agent', name: 'host' }, leaseUntil: inSeconds(deps, 60) }
  await saveRun(deps.table, claimed, { ...claimed, claim })
  expect(await inspectRun(deps, run.id)).toBe('renewed')
  world.clock.pass(61)
  expect(await inspectRun(deps, run.id)).toBe('settled')
  expect(await stateTypes()).toEqual(['CRASHED'])
  expect(await problems()).toEqual([])
})

it('a run parked just as its deployment is deleted does not wait forever', async () => {
  const { deps, ecs } = stage
  const { pool, queueId } = await pushPool(deps)
  const limited = await commandDeployment(deps, { pool, queueId, name: 'limited', concurrencyLimit: 1 })
  ecs.script = () => ({ runsForSeconds: null })
  await createRuns(deps, limited, 1)
  await dispatchPool(deps, pool.id, NO_DEADLINE)
  await createRuns(deps, limited, 1)
  // The dispatcher has read the deployment and is about to park the run; the delete finds the run not parked yet.
  let deleted = false
  const overtaken = withInterceptor(deps, async ({ name }, go) => {
    if (name === 'dynamodb PutItemCommand' && !deleted) {
      deleted = true
      await deleteDeployment(deps, limited.id)
    }
    return await go()
  })
  await dispatchPool(overtaken, pool.id, NO_DEADLINE)
  expect((await stateTypes()).toSorted()).toEqual(['CANCELLED', 'PENDING'])
})

it('a run postponed between plan and claim is not started at its old due time', async () => {
  const { deps, ecs } = stage
  const { pool, deployment } = await pushPool(deps)
  const [run] = await createRuns(deps, deployment, 1)
  if (!run) throw new Error('no run')
  const scheduledTime = inSeconds(deps, 3_600)
  let postponed = false
  const overtaken = withInterceptor(deps, async ({ name }, go) => {
    if (name === 'dynamodb TransactWriteItemsCommand' && !postponed) {
      postponed = true
      await setState(deps, run.id, { type: 'SCHEDULED', details: { scheduledTime } })
    }
    return await go()
  })
  await dispatchPool(overtaken, pool.id, NO_DEADLINE)
  expect(await readRun(deps, run.id)).toMatchObject({
    state: { type: 'SCHEDULED' },
    nextScheduledStartTime: scheduledTime,
  })
  expect(ecs.started).toEqual([])
})
