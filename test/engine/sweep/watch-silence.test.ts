import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { leaseClientRuns, watchUptime } from '#shared/engine/sweep/watch-silence.ts'
import type { Claim } from '#shared/flow-run/flow-run.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import { startProcess, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { withPagesOf } from '../../support/faults/small-pages.ts'
import { aClaim, heldIn, POOL_ID } from '../../support/fixtures/a-run.ts'
import { inSeconds, NO_DEADLINE, readRun } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => world.close())

const pool = (id: string, silentWorkerMinutes: number | null) => {
  return { id, silentWorkerMinutes, name: id, push: false, life: '', deletedAt: null }
}

describe('the rule of silence', () => {
  it('is that of each pool that has one, from when the service was up and it was set', async () => {
    const start = world.clock.now()
    const first = await watchUptime(world, [pool('a', 5), pool('b', null)])
    expect([...first]).toEqual([['a', { minutes: 5, since: expect.any(Number) as number }]])
    const since = first.get('a')?.since ?? 0
    expect(since).toBeGreaterThan(start)
    world.clock.pass(60)
    const second = await watchUptime(world, [pool('a', 5), pool('b', 7)])
    expect(second.get('a')).toEqual({ minutes: 5, since })
    expect(second.get('b')?.since).toBeGreaterThan(since)
    world.clock.pass(60)
    world.answering = false
    expect((await watchUptime(world, [pool('a', 5)])).get('a')?.since).toBeGreaterThan(second.get('b')?.since ?? 0)
  })

  it('costs nothing where no pool has one', async () => {
    const { deps, trace } = startProcess(world)
    expect(await watchUptime(deps, [pool('a', null)])).toEqual(new Map())
    expect(trace).toEqual([])
  })

  it('is none for a tick that another one of this moment overtakes', async () => {
    await watchUptime(world, [pool('a', 5)])
    let overtaken = false
    const late = withInterceptor(world, async ({ name }, go) => {
      if (/Put|Update|Transact/.test(name) && !overtaken) {
        overtaken = true
        await watchUptime(world, [pool('a', 5)])
      }
      return await go()
    })
    expect(await watchUptime(late, [pool('a', 5)])).toEqual(new Map())
    expect(overtaken).toBe(true)
  })
})

describe('what stock workers hold where silence counts', () => {
  const rule = { minutes: 5, since: 0 }
  const client = (claim: Partial<Claim> = {}) =>
    aClaim({ by: { kind: 'client', name: null }, leaseUntil: NEVER, ...claim })
  const hold = (claims: Record<string, Claim>) => {
    const now = world.clock.now()
    const held = Object.entries(claims).map(([id, claim]) => {
      const run = heldIn('RUNNING', { ...claim, at: now })
      return { ...run, id, state: { ...run.state, timestamp: now } }
    })
    return putRuns(world, held)
  }
  const lease = async (given: { push?: boolean; deps?: Deps; deadline?: Instant } = {}) => {
    const { push = false, deps = world, deadline = NO_DEADLINE } = given
    return await leaseClientRuns(deps, { id: POOL_ID, push }, rule, deadline)
  }
  const leaseOf = async (id: string) => {
    const { claim } = await readRun(world, id)
    return claim?.leaseUntil === NEVER ? NEVER : Math.round(((claim?.leaseUntil ?? 0) - world.clock.now()) / 1_000_000)
  }

  it('gets a lease until it counts as silent, also where it had a longer one, and no shorter one is touched', async () => {
    await hold({ bare: client(), longer: client({ leaseUntil: inSeconds(world, 3_600) }) })
    await hold({ shorter: client({ leaseUntil: inSeconds(world, 400) }), own: aClaim({ leaseUntil: NEVER }) })
    expect(await lease()).toBe(2)
    expect([await leaseOf('bare'), await leaseOf('longer'), await leaseOf('shorter')]).toEqual([300, 300, 400])
    expect(await leaseOf('own')).toBe(NEVER)
    expect(await lease()).toBe(0)
  })

  it('gets none that is over before it is looked at', async () => {
    await hold({ bare: client() })
    world.clock.pass(3_600)
    expect(await lease()).toBe(1)
    expect(await leaseOf('bare')).toBeCloseTo(0)
  })

  it('gets one in a push pool where it had none at all, as longer ones there are those of the dispatcher', async () => {
    await hold({ bare: client(), longer: client({ leaseUntil: inSeconds(world, 3_600) }) })
    expect(await lease({ push: true })).toBe(1)
    expect([await leaseOf('bare'), await leaseOf('longer')]).toEqual([300, 3_600])
  })

  it('is found page by page, until time is up', async () => {
    await hold(Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((id) => [id, client()])))
    const { deps, trace } = startProcess(world)
    expect(await lease({ deps: withPagesOf(deps, 2), deadline: world.clock.now() })).toBe(0)
    expect(trace.filter((name) => name === 'dynamodb QueryCommand')).toHaveLength(1)
    expect(await lease({ deps: withPagesOf(world, 2) })).toBe(5)
  })

  it('is left to the next tick where another write comes first', async () => {
    await hold({ bare: client() })
    const crossed = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb PutItemCommand') await putRuns(world, [{ ...(await readRun(world, 'bare')), revision: 9 }])
      return await go()
    })
    expect(await lease({ deps: crossed })).toBe(0)
    expect(await leaseOf('bare')).toBe(NEVER)
  })
})
