import { afterAll, beforeEach, expect, it } from 'vitest'
import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { checkDeploymentDrift } from '#shared/engine/sweep/check-deployment-drift.ts'
import { checkDrift } from '#shared/engine/sweep/check-drift.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deploymentLimit, type LimitKey, poolLimit } from '#shared/limit/limit.ts'
import { encodeDeployment } from '#shared/storage/deployment/deployment-codec.ts'
import { newDeploymentLimitItem } from '#shared/storage/limit/deployment-limit-actions.ts'
import { startProcess, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { everyOtherLook, laggingIndex } from '../../support/faults/lagging-index.ts'
import { commandDeployment, createRuns, readLimit } from '../../support/fixtures/fixtures.ts'
import { miscount } from '../../support/fixtures/miscount.ts'
import { takeSnapshot } from '../../support/invariants.ts'
import { putItem } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeEach(async () => {
  await world?.close()
  world = await openWorld()
})
afterAll(() => world.close())

/** A pull pool in which a worker holds a run of a deployment; the limit is the deployment's. */
async function heldRun({ limit }: { limit?: number }) {
  const pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  const deployment = await commandDeployment(world, { pool, ...(limit ? { concurrencyLimit: limit } : {}) })
  const [run] = await createRuns(world, deployment, 1)
  await setState(world, run?.id ?? '', { type: 'RUNNING' })
  return { pool, deployment, key: deploymentLimit(deployment.id) }
}
const activeOf = async (key: LimitKey) => (await readLimit(world, key)).active
/** One look at all deployments a minute: each is looked at every few ticks. */
async function ticks(
  n: number,
  poolIds: readonly (string | null)[],
  deps = world as Parameters<typeof checkDeploymentDrift>[0],
) {
  let repaired = 0
  for (let tick = 0; tick < n; tick += 1) {
    world.clock.pass(60)
    repaired += await checkDeploymentDrift(deps, poolIds)
  }
  return repaired
}

it('a limit that still counts its holders is left to that count', async () => {
  const { pool, deployment, key } = await heldRun({})
  await updateDeployment(world, deployment.id, { concurrencyLimit: 3 })
  expect(await readLimit(world, key)).toMatchObject({ active: 1, countingSince: expect.any(Number) as number })
  await miscount(world.table, key, -1)
  expect(await ticks(7, [pool.id, null])).toBe(0)
  expect(await activeOf(key)).toBe(0)
})

it('a drift is corrected by the tick after the one that noted it, unless it was gone in between', async () => {
  const { pool, key } = await heldRun({ limit: 3 })
  const look = async () => [await ticks(1, [pool.id]), await activeOf(key)]
  await miscount(world.table, key, 1)
  expect(await look()).toEqual([0, 2])
  await miscount(world.table, key, -1)
  expect(await look()).toEqual([0, 1])
  // All limits are looked at every third tick.
  await look()
  await miscount(world.table, key, 1)
  expect(await look()).toEqual([0, 2])
  expect(await look()).toEqual([1, 1])
})

it('where nothing moves, deployments are listed every third tick, and no run is read', async () => {
  const { pool, deployment } = await heldRun({ limit: 3 })
  await commandDeployment(world, { pool, name: 'without' })
  const { deps, trace } = startProcess(world)
  await ticks(3, [pool.id], deps)
  trace.splice(0)
  await ticks(6, [pool.id], deps)
  const [list, limits] = ['dynamodb QueryCommand', 'dynamodb BatchGetItemCommand']
  expect(trace).toEqual([list, limits, list, limits])
  const [second] = await createRuns(world, deployment, 1)
  await setState(world, second?.id ?? '', { type: 'RUNNING' })
  trace.splice(0)
  await ticks(6, [pool.id], deps)
  // The limit has moved, so the runs that hold its slots were counted once.
  expect(trace.filter((name) => name === list)).toHaveLength(3)
})

it('a run that the index drops at one look is found by the next, so its slot is never taken away', async () => {
  const index = laggingIndex(world.table)
  await index.catchUp()
  const { pool, key } = await heldRun({ limit: 3 })
  const flickering = withInterceptor(world, everyOtherLook(index))
  for (let tick = 0; tick < 6; tick += 1) {
    index.lags = true
    await ticks(1, [pool.id], flickering)
  }
  expect(await activeOf(key)).toBe(1)
})

it('a check that runs out of time corrects nothing', async () => {
  const { pool, key } = await heldRun({ limit: 3 })
  await miscount(world.table, key, 1)
  await miscount(world.table, poolLimit(pool.id), 1)
  for (let tick = 0; tick < 4; tick += 1) {
    world.clock.pass(60)
    expect(await checkDeploymentDrift(world, [pool.id], world.clock.now())).toBe(0)
    expect(await checkDrift(world, pool.id, world.clock.now())).toEqual({ repaired: 0, clean: false, held: 0 })
  }
  expect([await activeOf(key), await activeOf(poolLimit(pool.id))]).toEqual([2, 2])
  expect(world.counted.get('DriftUnchecked')).toBe(4)
})

it('a run that the index still shows as held is not counted', async () => {
  const { pool, key } = await heldRun({ limit: 3 })
  const index = laggingIndex(world.table)
  await index.catchUp()
  const held = (await takeSnapshot(world.table)).runs.find((run) => run.claim)
  await setState(world, held?.id ?? '', { type: 'COMPLETED' })
  for (const each of [key, poolLimit(pool.id)]) await miscount(world.table, each, 1)
  const lagging = withInterceptor(world, index.intercept)
  await ticks(3, [pool.id], lagging)
  expect(await checkDrift(lagging, pool.id)).toMatchObject({ clean: false, held: 0 })
  expect(await checkDrift(lagging, pool.id)).toMatchObject({ repaired: 0 })
  // Only the pool's own count could prove that no holder is missing, and that is what is off.
  world.clock.pass(INDEX_LAG_SECONDS_MAX)
  expect(await ticks(5, [pool.id], lagging)).toBe(1)
  expect(await checkDrift(lagging, pool.id)).toMatchObject({ repaired: 1 })
  expect([await activeOf(key), await activeOf(poolLimit(pool.id))]).toEqual([0, 0])
})

it('a run that no look found before a first limit opened gets its slot within three ticks', async () => {
  const { pool, deployment, key } = await heldRun({})
  const settings = { limit: 1, cancelNew: false, countingSince: null }
  await putItem(world.table, encodeDeployment({ deployment: { ...deployment, concurrencyLimit: 1 }, revision: 9 }))
  await putItem(world.table, newDeploymentLimitItem(deployment.id, settings))
  expect(await ticks(3, [pool.id, null])).toBe(1)
  expect(await readLimit(world, key)).toMatchObject({ active: 1, available: 0 })
  const { runs } = await takeSnapshot(world.table)
  expect(runs.map((run) => run.claim?.slots.includes(key))).toEqual([true])
  expect(world.counted.get('SlotDrift')).toBe(1)
  expect(await ticks(6, [pool.id, null])).toBe(0)
})
