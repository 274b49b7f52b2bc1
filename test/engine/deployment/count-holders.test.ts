import type { TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { applyLimitChange, limitChangeOf } from '#shared/engine/deployment/change-deployment-limit.ts'
import { continueCount } from '#shared/engine/deployment/continue-count.ts'
import { countHolders } from '#shared/engine/deployment/count-holders.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { updateFlowRun } from '#shared/engine/flow-run/update-flow-run.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deploymentLimit, poolLimit } from '#shared/limit/limit.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { commandDeployment, createRuns, readLimit, readRun } from '../../support/fixtures/fixtures.ts'
import { copyRun } from '../../support/fixtures/many-runs.ts'
import { miscount } from '../../support/fixtures/miscount.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let deployment: Deployment
beforeEach(async () => {
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  deployment = await commandDeployment(world, { pool })
})
afterEach(() => world.close())

const KEY = () => deploymentLimit(deployment.id)
const hold = async (of = deployment) => {
  const [run] = await createRuns(world, of, 1)
  await setState(world, run?.id ?? '', { type: 'RUNNING' })
  return run?.id ?? ''
}
/** The deployment gets its first limit, whose first look is cut short before it finds anything. */
async function begin(concurrencyLimit = 9): Promise<void> {
  const blind = withInterceptor(world, async ({ name, input }, go) => {
    if (name === 'dynamodb QueryCommand' && JSON.stringify(input).includes('active#')) throw new Error('no answer')
    return await go()
  })
  await updateDeployment(blind, deployment.id, { concurrencyLimit })
}
const lent = async (runId: string) => (await readRun(world, runId)).claim?.slots.includes(KEY())

describe('a limit that counts its holders', () => {
  it('takes two looks that are far enough apart, and then opens', async () => {
    const runId = await hold()
    await begin()
    expect(await countHolders(world, KEY())).toBe(3)
    expect(await lent(runId)).toBe(true)
    world.clock.pass(0.5)
    expect(await countHolders(world, KEY())).toBe(2)
    world.clock.pass(1.5)
    expect(await countHolders(world, KEY())).toBe(null)
    expect(await readLimit(world, KEY())).toMatchObject({ active: 1, paused: false, countingSince: null })
    const opened = world.logged.filter(({ message }) => message === 'limit opened')
    expect(opened).toMatchObject([{ fields: { limit: KEY(), seconds: expect.any(Number) as number } }])
    expect(await countHolders(world, KEY())).toBe(null)
    expect(await countHolders(world, deploymentLimit('gone'))).toBe(null)
  })

  it('is continued by a wake-up until it is open', async () => {
    await hold()
    await begin()
    world.counts.splice(0)
    expect(await continueCount(world, KEY())).toBe(false)
    expect(world.counts.splice(0)).toEqual([{ count: KEY(), reason: 'count', delaySeconds: 3 }])
    world.clock.pass(3)
    expect([await continueCount(world, KEY()), world.counts]).toEqual([true, []])
  })

  it('stays closed while a pool can not prove who holds its slots, for as long as an index lags', async () => {
    await hold()
    await miscount(world.table, poolLimit(pool.id), 1)
    await begin()
    await countHolders(world, KEY())
    world.clock.pass(10)
    expect(await countHolders(world, KEY())).toBe(6)
    expect(await readLimit(world, KEY())).toMatchObject({ paused: true })
    world.clock.pass(5 * 60)
    expect(await countHolders(world, KEY())).toBe(null)
  })

  it('lends no slot for runs of other deployments', async () => {
    const other = await hold(await commandDeployment(world, { pool, name: 'other' }))
    await hold()
    await begin()
    await countHolders(world, KEY())
    world.clock.pass(3)
    await countHolders(world, KEY())
    expect([await lent(other), (await readLimit(world, KEY())).active]).toEqual([false, 1])
  })

  it('lends a slot to each that has not changed, though another one has', async () => {
    const [first, second] = [await hold(), await hold()]
    await begin()
    let writes = 0
    const crossed = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb TransactWriteItemsCommand') {
        writes += 1
        await updateFlowRun(world, first, { details: { tags: [`${writes}`] }, policy: {} })
      }
      return await go()
    })
    await countHolders(crossed, KEY())
    expect([await lent(first), await lent(second)]).toEqual([false, true])
  })

  it('leaves a run that keeps changing to the next look, and opens not before it has its slot', async () => {
    const runId = await hold()
    await begin()
    await countHolders(world, KEY())
    // The index did not show this one.
    const held = await readRun(world, runId)
    const claim = held.claim && { ...held.claim, slots: [poolLimit(pool.id)] }
    const [late] = await copyRun(world, { ...held, claim }, 1)
    await miscount(world.table, poolLimit(pool.id), 1)
    world.clock.pass(3)
    let writes = 0
    const crossed = withInterceptor(world, async ({ name, input }, go) => {
      const { TransactItems: items = [] } = input as TransactWriteItemsCommandInput
      const id = items[0]?.Update?.Key?.pk?.S?.slice('run#'.length)
      if (name === 'dynamodb TransactWriteItemsCommand' && id) {
        writes += 1
        await updateFlowRun(world, id, { details: { tags: [`${writes}`] }, policy: {} })
      }
      return await go()
    })
    expect(await countHolders(crossed, KEY())).toBe(1)
    expect(writes).toBe(5)
    expect(await readLimit(world, KEY())).toMatchObject({ paused: true })
    expect(await countHolders(world, KEY())).toBe(null)
    expect(await lent(late?.id ?? '')).toBe(true)
  })

  it('takes no more runs into a transaction than a claim does', async () => {
    const held = await readRun(world, await hold())
    await copyRun(world, held, 29)
    await miscount(world.table, poolLimit(pool.id), 29)
    await begin(40)
    const sizes: number[] = []
    const watched = withInterceptor(world, async ({ name, input }, go) => {
      const { TransactItems: items = [] } = input as TransactWriteItemsCommandInput
      if (name === 'dynamodb TransactWriteItemsCommand') sizes.push(items.length)
      return await go()
    })
    await countHolders(watched, KEY())
    expect(sizes).toEqual([26, 6])
    expect((await readLimit(world, KEY())).active).toBe(30)
  })
})

describe('what a change of a deployment changes of its limit', () => {
  const change = (before: Partial<Deployment> | undefined, after: Partial<Deployment>) =>
    limitChangeOf(world, before && { ...deployment, ...before }, { ...deployment, ...after })
  const now = expect.any(Number) as number

  it('is nothing where neither figure nor strategy changes, or there was none and is none', async () => {
    expect(await change({ concurrencyLimit: 3 }, { concurrencyLimit: 3 })).toBeUndefined()
    expect(await change({}, { collisionStrategy: 'CANCEL_NEW' })).toBeUndefined()
    const strategy = await change({ concurrencyLimit: 3 }, { concurrencyLimit: 3, collisionStrategy: 'CANCEL_NEW' })
    expect(strategy).toMatchObject({ limit: 3, cancelNew: true })
  })

  it('begins a count with a first limit', async () => {
    const first = { before: undefined, limit: 3, cancelNew: false }
    expect(await change({}, { concurrencyLimit: 3 })).toEqual({ ...first, countingSince: now })
    expect(await change(undefined, { concurrencyLimit: 3 })).toEqual({ ...first, countingSince: now })
  })

  it('lets a count go on, and ends it where the limit is cleared', async () => {
    await hold()
    await begin(3)
    const { countingSince } = await readLimit(world, KEY())
    expect(countingSince).not.toBe(null)
    expect(await change({ concurrencyLimit: 3 }, { concurrencyLimit: 5 })).toMatchObject({ limit: 5, countingSince })
    expect(await change({ concurrencyLimit: 3 }, {})).toMatchObject({ limit: null, countingSince: null })
  })

  it('is followed by a wake-up for the count, also where the first look is cut short', async () => {
    await hold()
    world.counts.splice(0)
    await begin()
    expect(world.counts).toEqual([{ count: KEY(), reason: 'count', delaySeconds: 3 }])
    const cut = { level: 'warn', message: 'first look of a limit cut short' }
    expect(world.logged).toContainEqual(expect.objectContaining(cut))
  })

  it('is announced where there was a limit before, and counts nothing where that is over', async () => {
    const limited = await commandDeployment(world, { pool, name: 'limited', concurrencyLimit: 3 })
    const key = deploymentLimit(limited.id)
    const { calls, deps } = traced()
    const none = { limit: 5, cancelNew: false, countingSince: null }
    await applyLimitChange(deps, { id: limited.id, isNew: false }, { ...none, before: undefined })
    expect([calls.splice(0), world.counts]).toEqual([[], []])
    await applyLimitChange(deps, { id: limited.id, isNew: false }, { ...none, before: await readLimit(world, key) })
    expect([calls.length > 0, world.counts]).toEqual([true, []])
  })

  function traced(): { deps: Deps; calls: string[] } {
    const calls: string[] = []
    const deps = withInterceptor(world, async ({ name }, go) => {
      calls.push(name)
      return await go()
    })
    return { deps, calls }
  }
})
