import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { fingerprintOf } from '#shared/engine/sweep/limit-fingerprint.ts'
import type { SweepPart } from '#shared/engine/sweep/sweep-counts.ts'
import { isPoolDue, sweepPool } from '#shared/engine/sweep/sweep-pool.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import type { SilenceRule } from '#shared/flow-run/sign-of-life.ts'
import { poolLimit, queueLimit, unlimited } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { getPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { commandDeployment, createRuns, inSeconds, NO_DEADLINE } from '../../support/fixtures/fixtures.ts'
import { miscount } from '../../support/fixtures/miscount.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let pool: WorkPool
beforeEach(async () => {
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'pull', type: 'process' })
})
afterEach(() => world.close())

/** The parts of a sweep of a pool at a tick, in order; none when it is not due. */
async function partsAt(tick: number, silence?: SilenceRule, id = pool.id): Promise<string[]> {
  if (!isPoolDue(world, id, tick)) return []
  const parts: string[] = []
  const part = (async (name: string, work: () => Promise<unknown>) => {
    parts.push(name)
    await work()
  }) as SweepPart
  const lines = await getPoolLines(world.table, id)
  if (!lines) throw new Error('no lines')
  const limit = (await getLimits(world.table, [poolLimit(id)])).get(poolLimit(id))
  await sweepPool(world, lines, part, { tick, deadline: NO_DEADLINE, limit, silence })
  return parts
}
const ALL = ['drift', 'inspected', 'strays']

describe('a pool in which nothing goes on', () => {
  it('is looked at once, then at its phases, and then at every other tick hardly at all', async () => {
    expect(await partsAt(100)).toEqual(ALL)
    expect(await partsAt(101)).toEqual(['phases'])
    expect(isPoolDue(world, pool.id, 102)).toBe(false)
    expect(isPoolDue(world, pool.id, 103)).toBe(true)
    expect([await partsAt(103), await partsAt(105)]).toEqual([[], []])
    expect(await partsAt(107)).toEqual(['phases'])
  })

  it('is counted again each hour', async () => {
    await partsAt(100)
    for (let tick = 101; tick < 160; tick += 1) expect(await partsAt(tick)).not.toContain('drift')
    expect([await partsAt(160), await partsAt(161)]).toContainEqual(ALL)
  })

  it('is looked at in full once a slot has moved', async () => {
    const [run] = await createRuns(world, await commandDeployment(world, { pool }), 1)
    await partsAt(100)
    await setState(world, run?.id ?? '', { type: 'PENDING' })
    expect([await partsAt(101), await partsAt(102)]).toEqual([ALL, ALL])
    await setState(world, run?.id ?? '', { type: 'CANCELLED' }, { force: true })
    expect(await partsAt(103)).toEqual(ALL)
    expect(await partsAt(104)).toEqual(['phases'])
  })
})

it('where something waits, its lines are looked at in each tick, and nothing else is', async () => {
  await createRuns(world, await commandDeployment(world, { pool }), 1)
  await partsAt(100)
  expect(await partsAt(101)).toEqual(['phases', 'strays'])
  expect([await partsAt(102), await partsAt(103)]).toEqual([['strays'], ['strays']])
})

it('what is held in a pool that counts nothing is found by a look at its phases', async () => {
  const [run] = await createRuns(world, await commandDeployment(world, { pool }), 1)
  await setState(world, run?.id ?? '', { type: 'PENDING' })
  for (const key of [poolLimit(pool.id), queueLimit(pool.defaultQueueId)]) await miscount(world.table, key, -1)
  await partsAt(100)
  expect(await partsAt(101)).toEqual(ALL)
})

it('a push pool is armed and searched for lost launches, and one that looks for silent workers leases what they hold', async () => {
  const push = await createWorkPool(world, { name: 'push', type: 'ecs:push' })
  await createRuns(world, await commandDeployment(world, { pool: push, name: 'pushed' }), 1, inSeconds(world, 60))
  world.sent.splice(0)
  const parts = await partsAt(100, { minutes: 5, since: 0 }, push.id)
  expect(parts).toEqual(['drift', 'inspected', 'arming', 'lostLaunches', 'leased', 'strays'])
  expect(world.sent).toMatchObject([{ poolId: push.id, reason: 'due' }])
})

it('a limit is known to have moved by its count, its moves, and a drift that was noted', () => {
  const limit = unlimited(poolLimit('p'))
  const others = [{ active: 1 }, { moves: 1 }, { driftNoted: { drift: 1, moves: 0, since: 0 } }]
  const prints = [limit, ...others.map((other) => ({ ...limit, ...other }))].map(fingerprintOf)
  expect(new Set(prints).size).toBe(4)
  expect(fingerprintOf({ ...limit, available: 3 })).toBe(fingerprintOf(limit))
})
