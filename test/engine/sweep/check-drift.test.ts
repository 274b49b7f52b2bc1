import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { saveDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { checkDeploymentDrift } from '#shared/engine/sweep/check-deployment-drift.ts'
import { checkDrift } from '#shared/engine/sweep/check-drift.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deploymentLimit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { changeLimit } from '#shared/storage/limit/change-limit.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { startProcess, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { everyOtherLook, laggingIndex } from '../../support/faults/lagging-index.ts'
import { withPagesOf } from '../../support/faults/small-pages.ts'
import { aClaim, heldIn } from '../../support/fixtures/a-run.ts'
import { commandDeployment, createRuns, readLimit } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { miscount } from '../../support/fixtures/miscount.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let deployment: Deployment
beforeEach(async () => {
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  deployment = await commandDeployment(world, { pool, concurrencyLimit: 9 })
})
afterEach(() => world.close())

const hold = async (of = deployment) => {
  const [run] = await createRuns(world, of, 1)
  await setState(world, run?.id ?? '', { type: 'RUNNING' })
  return run?.id ?? ''
}
const activeOf = async (key: LimitKey) => (await readLimit(world, key)).active
const QUEUE = () => queueLimit(pool.defaultQueueId)
const check = (deps: Deps = world) => {
  world.clock.pass(60)
  return checkDrift(deps, pool.id)
}

describe("a pool's counts", () => {
  it('are clean where they are right, whatever is held elsewhere', async () => {
    const other = await createWorkPool(world, { name: 'other', type: 'process' })
    await hold(await commandDeployment(world, { pool: other, name: 'elsewhere' }))
    await hold()
    await hold()
    expect(await check()).toEqual({ repaired: 0, clean: true, held: 2 })
    await miscount(world.table, poolLimit(other.id), 1)
    await miscount(world.table, deploymentLimit(deployment.id), 1)
    expect(await check()).toEqual({ repaired: 0, clean: true, held: 2 })
    expect(await activeOf(poolLimit(other.id))).toBe(2)
  })

  it('are corrected by the next look where the count of the pool proves that no holder is missing', async () => {
    await hold()
    await miscount(world.table, QUEUE(), 2)
    expect(await check()).toEqual({ repaired: 0, clean: false, held: 1 })
    expect(await check()).toEqual({ repaired: 1, clean: false, held: 1 })
    expect(await check()).toEqual({ repaired: 0, clean: true, held: 1 })
    expect(await activeOf(QUEUE())).toBe(1)
    expect(world.counted.get('SlotDrift')).toBe(2)
    const fields = { limit: QUEUE(), active: 3, drift: 2 }
    expect(world.logged.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'slot count corrected', fields },
    ])
  })

  it('wait for as long as an index lags where that of the pool itself is off, and it counts too many', async () => {
    await hold()
    await miscount(world.table, poolLimit(pool.id), 1)
    await miscount(world.table, QUEUE(), 1)
    for (let tick = 0; tick < 5; tick += 1) expect(await check()).toMatchObject({ repaired: 0 })
    expect(await check()).toMatchObject({ repaired: 2 })
    await miscount(world.table, poolLimit(pool.id), -1)
    await check()
    expect(await check()).toMatchObject({ repaired: 1 })
    expect([await activeOf(poolLimit(pool.id)), await activeOf(QUEUE())]).toEqual([1, 1])
  })

  it('are not proven by a look during which a slot of the pool moved', async () => {
    const leaving = await hold()
    await hold()
    await miscount(world.table, QUEUE(), 1)
    await check()
    let looks = 0
    const moving = withInterceptor(world, async ({ name, input }, go) => {
      const second = name === 'dynamodb QueryCommand' && JSON.stringify(input).includes('active#') && ++looks === 2
      if (second) {
        await setState(world, leaving, { type: 'COMPLETED' })
        await hold()
        const { moves } = await readLimit(world, QUEUE())
        await putNote(QUEUE(), { drift: 1, moves })
      }
      return await go()
    })
    expect(await check(moving)).toMatchObject({ repaired: 0, clean: false })
    expect(looks).toBe(2)
  })

  it('take no slot from a run that the index drops at one of two looks', async () => {
    const index = laggingIndex(world.table)
    await index.catchUp()
    await hold()
    const flickering = withInterceptor(world, everyOtherLook(index))
    for (let tick = 0; tick < 8; tick += 1) {
      index.lags = true
      expect(await check(flickering)).toMatchObject({ repaired: 0, held: 1 })
    }
    index.lags = false
    expect(await check(flickering)).toMatchObject({ clean: true })
    expect(await activeOf(poolLimit(pool.id))).toBe(1)
  })

  it('are counted again only where one look finds them off', async () => {
    await hold()
    const { deps, trace } = startProcess(world)
    await check(deps)
    const clean = trace.splice(0).length
    await miscount(world.table, QUEUE(), 1)
    await check(deps)
    // The second look, and the note of what it found.
    expect(trace).toHaveLength(2 * clean + 1)
  })

  it('forget a drift that was gone in between', async () => {
    await hold()
    await miscount(world.table, QUEUE(), 1)
    await check()
    await miscount(world.table, QUEUE(), -1)
    await check()
    await miscount(world.table, QUEUE(), 1)
    expect(await check()).toMatchObject({ repaired: 0 })
    expect(await check()).toMatchObject({ repaired: 1 })
  })

  it('are right over any number of pages', async () => {
    for (let n = 0; n < 5; n += 1) await hold()
    expect(await check(withPagesOf(world, 2))).toEqual({ repaired: 0, clean: true, held: 5 })
  })

  /** As if a look before had seen this. */
  async function putNote(key: LimitKey, note: { drift: number; moves: number }): Promise<void> {
    const noted = { ...note, since: world.clock.now() }
    await changeLimit(world.table, key, { update: 'SET #driftNoted = :noted', values: { noted } })
  }
})

describe("a deployment's count", () => {
  const KEY = () => deploymentLimit(deployment.id)
  const ticks = async (n: number, poolIds: readonly (string | null)[] = [pool.id, null]) => {
    let repaired = 0
    for (let tick = 0; tick < n; tick += 1) {
      world.clock.pass(60)
      repaired += await checkDeploymentDrift(world, poolIds)
    }
    return repaired
  }

  it('is corrected soon where all pools prove it, whatever else is held in them', async () => {
    await hold()
    await hold(await commandDeployment(world, { pool, name: 'other', concurrencyLimit: 3 }))
    await hold(await commandDeployment(world, { pool, name: 'unlimited' }))
    await miscount(world.table, KEY(), 1)
    expect([await ticks(2), await activeOf(KEY())]).toEqual([1, 1])
  })

  it('keeps the holders that are in a pool which the look did not come to', async () => {
    const other = await createWorkPool(world, { name: 'other', type: 'process' })
    await hold()
    await hold()
    const claim = aClaim({ slots: [poolLimit(other.id), KEY()] })
    const place = { poolId: other.id, deploymentId: deployment.id }
    await putRuns(world, [heldIn('RUNNING', claim, { id: 'elsewhere', ...place })])
    for (const key of [poolLimit(other.id), KEY()]) await miscount(world.table, key, 1)
    expect([await ticks(4, [pool.id]), await activeOf(KEY())]).toEqual([0, 3])
  })

  it('waits for as long as an index lags where a pool can not prove who holds its slots', async () => {
    await hold()
    for (const key of [poolLimit(pool.id), KEY()]) await miscount(world.table, key, 1)
    expect([await ticks(4), await activeOf(KEY())]).toEqual([0, 2])
    expect([await ticks(3), await activeOf(KEY())]).toEqual([1, 1])
  })

  it('waits as long where its runs are in no pool, which no other count tells of', async () => {
    const { deployment: served } = await saveDeployment(world, {
      flowId: deployment.flowId,
      name: 'served',
      change: { concurrencyLimit: 3 },
      schedules: [],
    })
    await hold(served)
    const key = deploymentLimit(served.id)
    await miscount(world.table, key, 1)
    expect([await ticks(4), await activeOf(key)]).toEqual([0, 2])
    expect([await ticks(3), await activeOf(key)]).toEqual([1, 1])
  })
})
