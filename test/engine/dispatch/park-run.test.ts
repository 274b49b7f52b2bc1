import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { moveToLine } from '#shared/engine/dispatch/move-to-line.ts'
import { nameRefusal } from '#shared/engine/dispatch/name-refusal.ts'
import { parkBlocked, parkRun } from '#shared/engine/dispatch/park-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { deploymentLimit, poolLimit, queueLimit, unlimited } from '#shared/limit/limit.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { waitingPoolKey } from '#shared/storage/dynamo/table.ts'
import { listRoomHints } from '#shared/storage/limit/room-hints.ts'
import { addWaitingPool, listWaitingPools } from '#shared/storage/limit/waiting-pools.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import {
  commandDeployment,
  createRuns,
  inSeconds,
  type PushPool,
  pushPool,
  readLimit,
  readRun,
} from '../../support/fixtures/fixtures.ts'
import { setLimit } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let push: PushPool
let pull: WorkPool
beforeEach(async () => {
  world = await openWorld()
  push = await pushPool(world)
  pull = await createWorkPool(world, { name: 'pull', type: 'process' })
})
afterEach(() => world.close())

const full = (rest: Partial<Parameters<typeof commandDeployment>[1]> = {}) =>
  commandDeployment(world, { pool: push.pool, name: 'full', concurrencyLimit: 0, ...rest })
const keyOf = ({ id }: Deployment) => deploymentLimit(id)
const park = async (deployment: Deployment, runs: readonly FlowRun[], known?: true, deps: Deps = world) => {
  const limit = keyOf(deployment)
  return await parkBlocked(
    deps,
    runs.map(({ id }) => ({ runId: id, limit })),
    known,
  )
}
const read = async (runs: readonly FlowRun[]) => await Promise.all(runs.map(({ id }) => readRun(world, id)))
/** Something happens just before the first run is parked. */
const before = (act: () => Promise<unknown>): Deps => {
  let done = false
  return withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb PutItemCommand' && !done) {
      done = true
      await act()
    }
    return await go()
  })
}
const claim = async (deployment: Deployment) => {
  const [run] = await createRuns(world, deployment, 1)
  await setState(world, run?.id ?? '', { type: 'PENDING' })
}

describe('a run that a plan found blocked', () => {
  it('waits for its limit, keeps its turn, and says what it waits for', async () => {
    const deployment = await full()
    const runs = await createRuns(world, deployment, 2, inSeconds(world, 60))
    expect(await park(deployment, runs)).toBe(2)
    for (const run of await read(runs)) {
      expect(run).toMatchObject({ blockedBy: keyOf(deployment), nextScheduledStartTime: runs[0]?.expectedStartTime })
      expect(run.state).toMatchObject({ type: 'SCHEDULED', name: 'AwaitingConcurrencySlot' })
      expect(run.state.message).toBe('Deployment concurrency limit reached.')
    }
  })

  it('is parked with those of its own deployment alone, and not at all when it does not wait any more', async () => {
    const [one, two] = [await full({ name: 'one' }), await full({ name: 'two' })]
    const runs = [...(await createRuns(world, one, 2)), ...(await createRuns(world, two, 1))]
    await setState(world, runs[0]?.id ?? '', { type: 'CANCELLED' })
    const plan = runs.map(({ id }, at) => ({ runId: id, limit: keyOf(at < 2 ? one : two) }))
    expect(await parkBlocked(world, plan)).toBe(2)
    expect((await read(runs)).map(({ blockedBy }) => blockedBy)).toEqual([null, keyOf(one), keyOf(two)])
    expect(await parkBlocked(world, [])).toBe(0)
  })

  it('is not written again where it waits for that limit already', async () => {
    const deployment = await full()
    const runs = await createRuns(world, deployment, 1)
    await park(deployment, runs)
    const [{ revision } = { revision: 0 }] = await read(runs)
    expect(await park(deployment, runs)).toBe(0)
    expect((await read(runs))[0]?.revision).toBe(revision)
  })

  it('stays where it is when its limit is gone', async () => {
    const { deployment } = push
    const runs = await createRuns(world, deployment, 1)
    expect(await park(deployment, runs)).toBe(0)
    expect((await read(runs))[0]?.blockedBy).toBe(null)
  })

  it('is cancelled by CANCEL_NEW once it is due, and left to its time until then', async () => {
    const deployment = await full({ collisionStrategy: 'CANCEL_NEW', concurrencyLimit: 1 })
    const [due, later] = [
      await createRuns(world, deployment, 1),
      await createRuns(world, deployment, 1, inSeconds(world, 9)),
    ]
    const runs = [...due, ...later]
    await setLimit(world.table, keyOf(deployment), 0)
    expect(await park(deployment, runs)).toBe(1)
    expect((await read(runs)).map(({ state, blockedBy }) => [state.type, state.message, blockedBy])).toEqual([
      ['CANCELLED', 'Deployment concurrency limit reached.', null],
      ['SCHEDULED', null, null],
    ])
  })

  it('waits, whatever the strategy, while its limit counts its holders', async () => {
    const deployment = await commandDeployment(world, { pool: push.pool, collisionStrategy: 'CANCEL_NEW', name: 'new' })
    await claim(deployment)
    await updateDeployment(world, deployment.id, { concurrencyLimit: 1 })
    expect(await readLimit(world, keyOf(deployment))).toMatchObject({ paused: true, active: 1 })
    const runs = await createRuns(world, deployment, 1)
    expect(await park(deployment, runs)).toBe(1)
    const [run] = await read(runs)
    expect(run).toMatchObject({ blockedBy: keyOf(deployment), state: { type: 'SCHEDULED' } })
    expect(run?.state.message).toMatch(/^When the run's turn came, the new concurrency limit .* was counting/)
  })
})

describe('parking', () => {
  it("notes the run's pool at the limit, as one that is served by a dispatcher or by workers", async () => {
    const [one, two] = [await full({ name: 'one' }), await full({ name: 'two', pool: pull })]
    await park(one, await createRuns(world, one, 1))
    await park(two, await createRuns(world, two, 1))
    expect((await readLimit(world, keyOf(one))).waitsIn).toEqual([{ poolId: push.pool.id, push: true }])
    expect((await readLimit(world, keyOf(two))).waitsIn).toEqual([{ poolId: pull.id, push: false }])
    expect((await listWaitingPools(world.table)).map(({ poolId }) => poolId).toSorted()).toEqual(
      [push.pool.id, pull.id].toSorted(),
    )
  })

  it('notes it once, and again where it was forgotten with its pool', async () => {
    const deployment = await full()
    const runs = await createRuns(world, deployment, 3)
    const puts: string[] = []
    const watched = withInterceptor(world, async ({ name, input }, go) => {
      const { Item: item } = input as { Item?: { pk?: { S?: string } } }
      if (name === 'dynamodb PutItemCommand' && !item?.pk?.S?.startsWith('run#')) puts.push(item?.pk?.S ?? '')
      return await go()
    })
    await park(deployment, runs.slice(0, 2), true, watched)
    expect(puts).toHaveLength(1)
    await park(deployment, runs.slice(2), true, watched)
    expect(puts).toHaveLength(1)
    await deleteItem(world.table, waitingPoolKey(push.pool.id))
    await park(deployment, await createRuns(world, deployment, 1), true, watched)
    expect(puts).toHaveLength(2)
  })

  it('by the dispatcher notes it for the dispatcher, though workers served it before', async () => {
    const deployment = await full()
    await addWaitingPool(world.table, keyOf(deployment), { poolId: push.pool.id, push: false })
    await park(deployment, await createRuns(world, deployment, 1), true)
    const { waitsIn } = await readLimit(world, keyOf(deployment))
    expect(new Set(waitsIn.map((pool) => pool.push))).toEqual(new Set([false, true]))
  })

  it('of a run without a pool notes none', async () => {
    const deployment = await full()
    const [run] = await createRuns(world, deployment, 1)
    const limit = await readLimit(world, keyOf(deployment))
    if (run) await parkRun(world, { ...run, poolId: null }, { limit, strategy: 'ENQUEUE' })
    expect(await listWaitingPools(world.table)).toEqual([])
  })

  it('returns the run as it is stored, or nothing when another write came first', async () => {
    const deployment = await full()
    const [run] = await createRuns(world, deployment, 1)
    if (!run) throw new Error('no run')
    const limit = await readLimit(world, keyOf(deployment))
    const parked = await parkRun(world, run, { limit, strategy: 'ENQUEUE' })
    expect(parked).toEqual(await readRun(world, run.id))
    expect(await parkRun(world, run, { limit, strategy: 'CANCEL_NEW' })).toBeUndefined()
    expect((await readRun(world, run.id)).state.type).toBe('SCHEDULED')
  })

  it('announces room that came in between, to the dispatcher or to workers', async () => {
    const [one, two] = [await full({ name: 'one' }), await full({ name: 'two', pool: pull })]
    const [ones, twos] = [await createRuns(world, one, 1), await createRuns(world, two, 1)]
    const open = (deployment: Deployment) => before(() => setLimit(world.table, keyOf(deployment), 1))
    world.sent.splice(0)
    await park(one, ones, undefined, open(one))
    const wakeUp = { poolId: push.pool.id, reason: 'released', limits: [keyOf(one)], delaySeconds: 0 }
    expect(world.sent).toEqual([wakeUp])
    await park(two, twos, undefined, open(two))
    expect((await listRoomHints(world.table, pull.id, 0, 9)).map(({ limit }) => limit)).toEqual([keyOf(two)])
  })

  it('ends the run where its deployment went in between, and only a run that waits', async () => {
    const [one, two] = [await full({ name: 'one' }), await full({ name: 'two', collisionStrategy: 'CANCEL_NEW' })]
    const [ones, twos] = [await createRuns(world, one, 1), await createRuns(world, two, 1)]
    let parked = 0
    const late = (deployment: Deployment) =>
      withInterceptor(world, async ({ name, input }, go) => {
        const answer = await go()
        const { Item: item } = input as { Item?: { pk?: { S?: string } } }
        if (name === 'dynamodb PutItemCommand' && item?.pk?.S?.startsWith('run#')) {
          parked += 1
          if (parked === 1) await deleteDeployment(world, deployment.id).catch(() => undefined)
        }
        return answer
      })
    await park(one, ones, true, late(one))
    expect((await read(ones))[0]?.state).toMatchObject({ type: 'CANCELLED' })
    parked = 0
    await park(two, twos, true, late(two))
    expect((await read(twos))[0]?.state.message).toBe('Deployment concurrency limit reached.')
  })
})

describe('a run that waits for a limit, and that only its queue or pool keeps from starting', () => {
  it('is moved into line, keeps its turn, and is written once', async () => {
    const deployment = await full()
    const runs = await createRuns(world, deployment, 2)
    await park(deployment, runs)
    await setState(world, runs[1]?.id ?? '', { type: 'CANCELLED' })
    const [parked] = await read(runs)
    world.clock.pass(10)
    const ids = runs.map(({ id }) => id)
    expect(await moveToLine(world, ids)).toEqual(ids)
    const [moved, ended] = await read(runs)
    expect(moved).toMatchObject({ blockedBy: null, nextScheduledStartTime: parked?.nextScheduledStartTime })
    expect(moved?.updated).toBeGreaterThan(parked?.updated ?? 0)
    expect(ended?.state.type).toBe('CANCELLED')
    await moveToLine(world, ids)
    expect((await read(runs))[0]?.revision).toBe(moved?.revision)
  })

  it('is one of a hundred in a look at most', async () => {
    const ids = Array.from({ length: 120 }, (_, n) => String(n))
    expect(await moveToLine(world, ids)).toEqual(ids.slice(0, 100))
    const calls: string[] = []
    const watched = withInterceptor(world, async ({ name }, go) => {
      calls.push(name)
      return await go()
    })
    expect(await moveToLine(watched, [])).toEqual([])
    expect(calls).toEqual([])
  })
})

it('a refusal is put into words for the first limit that is in the way, with the name of its place', async () => {
  const place = { poolId: push.pool.id, queueId: push.queueId }
  const [pool, queue] = [poolLimit(place.poolId), queueLimit(place.queueId)]
  const closed = (...keys: (typeof pool)[]) => new Map(keys.map((key) => [key, { ...unlimited(key), paused: true }]))
  const words = (...keys: (typeof pool)[]) => nameRefusal(world, place, [pool, queue, 'deployment#d'], closed(...keys))
  expect(await words(pool, queue)).toMatch(/work pool 'push'/i)
  expect(await nameRefusal(world, place, [pool, queue], new Map([[pool, unlimited(pool)], ...closed(queue)]))).toMatch(
    /work queue 'work'/i,
  )
  const open = new Map([pool, queue].map((key) => [key, unlimited(key)] as const))
  expect(await nameRefusal(world, place, [pool, queue], open)).toBe(null)
})
