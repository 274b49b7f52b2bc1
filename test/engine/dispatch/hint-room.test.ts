import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { applyConsequences } from '#shared/engine/dispatch/apply-consequences.ts'
import { hintRoom } from '#shared/engine/dispatch/hint-room.ts'
import { openWaitingLimits } from '#shared/engine/dispatch/open-waiting-limits.ts'
import { sendWakeUps } from '#shared/engine/dispatch/send-wake-ups.ts'
import { hintWaiting } from '#shared/engine/sweep/hint-waiting.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState, type StateType } from '#shared/flow-run/state.ts'
import { idFromName } from '#shared/ids.ts'
import { deploymentLimit, poolLimit } from '#shared/limit/limit.ts'
import { listRoomHints } from '#shared/storage/limit/room-hints.ts'
import { addWaitingPool, listWaitingPools } from '#shared/storage/limit/waiting-pools.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { withPagesOf } from '../../support/faults/small-pages.ts'
import { aClaim, aRun, DEPLOYMENT_ID, heldIn, POOL_ID, TASK_ARN } from '../../support/fixtures/a-run.ts'
import { inSeconds } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { putLimits, setLimit } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => world.close())

const KEY = deploymentLimit(DEPLOYMENT_ID)
const [OTHER, PULL] = [idFromName('pool', 'other'), idFromName('pool', 'pull')]
/** A limit with room for runs that wait for it in two push pools and in one of workers. */
async function waitedFor(limit = 2): Promise<void> {
  await putLimits(world.table, { [KEY]: limit })
  for (const poolId of [POOL_ID, OTHER]) await addWaitingPool(world.table, KEY, { poolId, push: true })
  await addWaitingPool(world.table, KEY, { poolId: PULL, push: false })
}
const hintsIn = async (poolId: string) => (await listRoomHints(world.table, poolId, 0, 10)).map(({ limit }) => limit)
const failing = (what: string): Deps =>
  withInterceptor(world, async ({ name }, go) => {
    if (name === what) throw new Error('no answer')
    return await go()
  })

describe('what follows from a run that gives its slots back', () => {
  const held = (kind: 'dispatcher' | 'client', slots = [poolLimit(POOL_ID), KEY]) =>
    heldIn('RUNNING', aClaim({ by: { kind, name: null }, slots }))
  const apply = async (before: FlowRun, type: StateType, details = {}, deps: Deps = world) => {
    await applyConsequences(deps, before, advance(before, newState(type, world.clock.now(), { details })))
    return world.sent.splice(0)
  }
  const released = (poolId: string, limits = [KEY]) => ({ poolId, reason: 'released', limits, delaySeconds: 0 })

  it('is one wake-up for its own push pool, which names the limit, and one for each other', async () => {
    await waitedFor()
    expect(await apply(held('dispatcher'), 'COMPLETED')).toEqual([released(OTHER), released(POOL_ID)])
    expect(await hintsIn(PULL)).toEqual([KEY])
    expect(await hintsIn(OTHER)).toEqual([])
  })

  it('is a wake-up without limits where the deployment has none', async () => {
    const { poolId, reason, delaySeconds } = released(POOL_ID)
    const sent = await apply(held('dispatcher', [poolLimit(POOL_ID)]), 'COMPLETED')
    expect(sent).toEqual([{ poolId, reason, delaySeconds }])
  })

  it('reaches its own pool by the limit alone where a client held it, and at once where it is due soon', async () => {
    await waitedFor()
    expect(await apply(held('client'), 'COMPLETED')).toEqual([released(POOL_ID), released(OTHER)])
    const again = await apply(held('client'), 'SCHEDULED', { scheduledTime: inSeconds(world, 30) })
    expect(again).toEqual([released(OTHER), released(POOL_ID)])
  })

  it('is the stop of its task where it was cancelled, and fails no one when that fails', async () => {
    await apply(held('dispatcher', []), 'CANCELLING')
    expect(world.tasks.stopped).toEqual([{ taskArn: TASK_ARN, reason: expect.any(String) as string }])
    await apply(held('dispatcher', []), 'CANCELLING', {}, failing('tasks stop'))
    expect(world.counted.get('StopsFailed')).toBe(1)
    expect(world.logged.at(-1)).toMatchObject({ message: 'task not stopped', fields: { taskArn: TASK_ARN } })
  })
})

describe('room of a limit', () => {
  it('is announced to nobody where it is none', async () => {
    await waitedFor(0)
    await hintRoom(world, [KEY], 'released')
    expect([world.sent, await hintsIn(PULL)]).toEqual([[], []])
  })

  it('is announced with the reason, and to no pool that is woken anyhow', async () => {
    await waitedFor()
    await hintRoom(world, [KEY], 'limit-raised', OTHER)
    expect(world.sent).toEqual([{ poolId: POOL_ID, reason: 'limit-raised', limits: [KEY], delaySeconds: 0 }])
  })

  it('costs no read where nothing was freed, and a failure of it is the log alone', async () => {
    const broken = failing('dynamodb BatchGetItemCommand')
    await hintRoom(broken, [], 'released')
    expect(world.logged).toEqual([])
    await hintRoom(broken, [KEY], 'released')
    expect(world.logged).toMatchObject([{ message: 'room of limits not announced', fields: { limits: [KEY] } }])
  })
})

it('a wake-up that can not be sent is counted, and says so', async () => {
  const wakeUp = { poolId: POOL_ID, reason: 'more', delaySeconds: 1 } as const
  const count = { count: KEY, reason: 'count', delaySeconds: 1 } as const
  const broken = failing('wakeUps send')
  expect([await sendWakeUps(world, [wakeUp]), await sendWakeUps(broken, [])]).toEqual([true, true])
  expect(await sendWakeUps(broken, [wakeUp, wakeUp, count])).toBe(false)
  expect(world.counted.get('WakeUpsFailed')).toBe(3)
  expect(world.logged).toMatchObject([{ message: 'wake-up not sent', fields: { subjects: [POOL_ID, KEY] } }])
})

describe('a tick', () => {
  /** Limits for each of which a run waits in a pool of workers, in the order in which the tick comes to them. */
  async function waiting(limits: Record<string, number>): Promise<void> {
    const keys = Object.keys(limits) as (typeof KEY)[]
    await putLimits(world.table, limits)
    const run = { poolId: PULL, queueId: PULL, deploymentId: null }
    await putRuns(
      world,
      keys.map((blockedBy) => aRun({ ...run, id: world.ids.uuid(), blockedBy })),
    )
    for (const key of keys) await addWaitingPool(world.table, key, { poolId: PULL, push: false })
  }

  it('hints at the limits that have room by now, and at those that are gone', async () => {
    await waiting({ 'deployment#a': 0, 'deployment#b': 1 })
    await putRuns(world, [aRun({ id: world.ids.uuid(), poolId: PULL, blockedBy: 'deployment#gone' })])
    const pools = [{ id: PULL, push: false }]
    expect(await hintWaiting(world, pools)).toBe(2)
    expect(await hintsIn(PULL)).toEqual(['deployment#b', 'deployment#gone'])
    await setLimit(world.table, 'deployment#a', 1)
    expect(await hintWaiting(world, pools)).toBe(3)
  })

  it('leaves push pools to their dispatcher, and a pool that fails to the next one', async () => {
    await waiting({ 'deployment#a': 1 })
    expect(await hintWaiting(world, [{ id: PULL, push: true }])).toBe(0)
    expect(await hintsIn(PULL)).toEqual([])
    await addWaitingPool(world.table, KEY, { poolId: '0-broken', push: false })
    const broken = withInterceptor(world, async ({ name, input }, go) => {
      const { ExpressionAttributeValues: values } = input as { ExpressionAttributeValues?: object }
      if (name === 'dynamodb QueryCommand' && JSON.stringify(values).includes('0-broken')) throw new Error('no answer')
      return await go()
    })
    expect(await hintWaiting(broken, [])).toBe(1)
    expect(world.logged).toMatchObject([{ level: 'warn', fields: { poolId: '0-broken' } }])
  })

  it('goes on where the last one stopped, and writes that down only where it changes', async () => {
    const keys = Array.from({ length: 12 }, (_, n) => `deployment#${String(n).padStart(2, '0')}` as typeof KEY)
    await waiting(Object.fromEntries(keys.map((key) => [key, 1])))
    // As if so many runs waited for each that they fill a read.
    const crowded = withPagesOf(world, 1)
    const after = async () => (await listWaitingPools(world.table))[0]?.after
    expect(await openWaitingLimits(crowded, { poolId: PULL, after: undefined })).toEqual(keys.slice(0, 10))
    const cursor = await after()
    expect(cursor).toBe('deployment#09#~')
    expect(await openWaitingLimits(crowded, { poolId: PULL, after: cursor })).toEqual(keys.slice(10))
    expect(await after()).toBeUndefined()
    const unwritten = failing('dynamodb UpdateItemCommand')
    expect(await openWaitingLimits(unwritten, { poolId: OTHER, after: undefined })).toEqual([])
  })
})
