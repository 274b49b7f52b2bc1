import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type GlobalLimit, globalLimitId } from '#shared/limit/global-limit.ts'
import type { Lease } from '#shared/limit/lease.ts'
import { deleteGlobalLimit } from '#shared/storage/limit/delete-global-limit.ts'
import { getGlobalLimits, listGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'
import { getLease, listLeases } from '#shared/storage/limit/get-leases.ts'
import { giveSlots, renewLease, takeSlots } from '#shared/storage/limit/move-slots.ts'
import { createGlobalLimit, saveGlobalLimit } from '#shared/storage/limit/put-global-limit.ts'
import type { SlotMove } from '#shared/storage/limit/slot-actions.ts'
import { at, T0 } from '../../support/fixtures/a-run.ts'
import { changesNothing } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let last = 0
let name: string
beforeEach(() => {
  last += 1
  name = `l${last}`
})

function aGlobalLimit(overrides: Partial<GlobalLimit> = {}): GlobalLimit {
  return {
    id: globalLimitId(name),
    name,
    limit: 3,
    inForce: true,
    decayPerSecond: 0,
    active: 0,
    countedAt: T0,
    loose: 0,
    leased: 0,
    heldSeconds: 0,
    releases: 0,
    moves: 0,
    created: T0,
    updated: T0,
    ...overrides,
  }
}
const aLease = (limits: readonly GlobalLimit[], overrides: Partial<Lease> = {}): Lease => ({
  id: `${name}-lease`,
  slots: 1,
  limits: limits.map(({ id, created }) => ({ id, created })),
  holder: null,
  until: at(60),
  created: at(1),
  ...overrides,
})
async function put(overrides: Partial<GlobalLimit> = {}): Promise<GlobalLimit> {
  const limit = aGlobalLimit(overrides)
  await deleteGlobalLimit(world.table, limit)
  expect(await createGlobalLimit(world.table, limit)).toBe(true)
  return limit
}
async function read(): Promise<GlobalLimit> {
  const [limit] = await getGlobalLimits(world.table, [globalLimitId(name)])
  if (!limit) throw new Error(`no limit ${name}`)
  return limit
}
const move = (limit: GlobalLimit, slots: number, lease?: Lease): SlotMove => ({
  limits: [limit],
  slots,
  lease,
  now: at(10),
})
const take = (limit: GlobalLimit, slots: number, lease?: Lease) => takeSlots(world.table, move(limit, slots, lease))
const give = (limit: GlobalLimit, slots: number, lease?: Lease) => giveSlots(world.table, move(limit, slots, lease))
const refused = (act: () => Promise<boolean>) => expect(changesNothing(world.table, act)).resolves.toBe(false)

describe('a global limit', () => {
  it('is created once, and listed by name', async () => {
    const limit = await put()
    await refused(() => createGlobalLimit(world.table, { ...limit, limit: 9 }))
    expect(await read()).toEqual(limit)
    const fresh = await openWorld()
    onTestFinished(() => fresh.close())
    const { table } = fresh
    for (const each of ['c', 'a', 'b']) {
      await createGlobalLimit(table, { ...limit, id: globalLimitId(each), name: each })
    }
    expect((await listGlobalLimits(table)).map((each) => each.name)).toEqual(['a', 'b', 'c'])
  })

  it('is saved if nothing has moved since, and it is the one that was read', async () => {
    const limit = await put()
    await refused(() => saveGlobalLimit(world.table, { ...limit, moves: 1 }, { ...limit, limit: 9 }))
    await refused(() => saveGlobalLimit(world.table, { ...limit, created: at(1) }, { ...limit, limit: 9 }))
    expect(await saveGlobalLimit(world.table, limit, { ...limit, limit: 9 })).toBe(true)
    expect(await read()).toEqual({ ...limit, limit: 9, moves: 1 })
  })

  it('is deleted unless it is another of its name', async () => {
    const limit = await put()
    await changesNothing(world.table, () => deleteGlobalLimit(world.table, { ...limit, created: at(1) }))
    await deleteGlobalLimit(world.table, limit)
    expect(await getGlobalLimits(world.table, [limit.id])).toEqual([])
  })
})

describe('taking slots', () => {
  it('counts them, those of a lease apart from loose ones', async () => {
    const limit = await put()
    expect(await take(limit, 1)).toBe(true)
    const lease = aLease([limit], { slots: 2 })
    expect(await take(limit, 2, lease)).toBe(true)
    expect(await read()).toEqual({ ...limit, active: 3, loose: 1, leased: 2, moves: 2 })
    expect(await getLease(world.table, lease.id)).toEqual(lease)
  })

  it('is refused where too few are left, though the count may have moved', async () => {
    const limit = await put({ limit: 3 })
    expect(await take(limit, 2)).toBe(true)
    await refused(() => take(limit, 2))
    expect(await take(limit, 1)).toBe(true)
    await refused(() => take(limit, 1))
  })

  it('is refused where the limit is not what was read', async () => {
    const limit = await put()
    const changes: Partial<GlobalLimit>[] = [{ created: at(1) }, { limit: 5 }, { decayPerSecond: 1 }]
    for (const change of changes) await refused(() => take({ ...limit, ...change }, 1))
    const rate = await put({ decayPerSecond: 1 })
    await refused(() => take({ ...rate, decayPerSecond: 2 }, 1))
    await refused(() => take({ ...rate, created: at(1) }, 1))
    await refused(() => take({ ...rate, moves: 1 }, 1))
    const idle = await put({ inForce: false })
    expect(await changesNothing(world.table, () => take(idle, 1))).toBe(false)
  })

  it('under a lease that is there is refused: that one has taken its slots', async () => {
    const limit = await put()
    const lease = aLease([limit])
    expect(await take(limit, 1, lease)).toBe(true)
    await refused(() => take(limit, 1, lease))
  })

  it('of a rate limit starts from what is left of its count', async () => {
    const limit = await put({ limit: 30, decayPerSecond: 0.5, active: 20 })
    expect(await take(limit, 2)).toBe(true)
    expect(await read()).toEqual({ ...limit, active: 17, countedAt: at(10), moves: 1 })
  })
})

describe('giving slots back', () => {
  it('ends the lease, and counts how long it was held, once', async () => {
    const limit = await put()
    const lease = aLease([limit], { slots: 2 })
    await take(limit, 2, lease)
    expect(await give(limit, 2, lease)).toBe(true)
    expect(await read()).toEqual({ ...limit, heldSeconds: 9, releases: 1, moves: 2 })
    expect(await getLease(world.table, lease.id)).toBeUndefined()
    await refused(() => give(limit, 2, lease))
  })

  it('is refused where the lease was renewed since, or the limit is another', async () => {
    const limit = await put()
    const lease = aLease([limit])
    await take(limit, 1, lease)
    await refused(() => give({ ...limit, created: at(1) }, 1, lease))
    expect(await renewLease(world.table, lease.id, at(90))).toBe(true)
    await refused(() => give(limit, 1, lease))
  })

  it('without a lease gives back no more than was taken so', async () => {
    const limit = await put()
    await take(limit, 2)
    const taken = await read()
    expect(await give(taken, 3)).toBe(true)
    expect(await read()).toMatchObject({ active: 0, loose: 0, leased: 0, heldSeconds: 0, releases: 0 })
    await refused(() => give(taken, 1))
  })

  it('to a limit not in force, or whose cap has changed, is taken all the same', async () => {
    const limit = await put()
    await take(limit, 2)
    const taken = await read()
    await saveGlobalLimit(world.table, taken, { ...taken, inForce: false, limit: 1 })
    expect(await give(taken, 2)).toBe(true)
    expect(await read()).toMatchObject({ active: 0, loose: 0 })
  })

  it('to a rate limit takes them off what is left, at no earlier time than that of the count', async () => {
    const limit = await put({ limit: 30, decayPerSecond: 0.5, active: 20, countedAt: at(12) })
    expect(await give(limit, 3)).toBe(true)
    expect(await read()).toMatchObject({ active: 17, countedAt: at(12), leased: 0 })
    expect(await give(await read(), 30)).toBe(true)
    expect(await read()).toMatchObject({ active: 0 })
  })
})

describe('leases', () => {
  it('are listed by when they run out, as many as asked for, and where they were renewed to', async () => {
    const fresh = await openWorld()
    onTestFinished(() => fresh.close())
    const { table } = fresh
    for (const [id, until] of [
      ['b', 20],
      ['a', 30],
      ['c', 10],
    ] as const) {
      const lease = aLease([], { id: `${name}-${id}`, until: at(until) })
      await takeSlots(table, { limits: [], slots: 1, lease, now: at(10) })
    }
    const listed = async (most: number, until?: number) =>
      (await listLeases(table, most, until)).map(({ id }) => id.slice(name.length + 1))
    expect(await listed(10, at(20))).toEqual(['c', 'b'])
    expect(await listed(1, at(30))).toEqual(['c'])
    await renewLease(table, `${name}-c`, at(40))
    expect(await listed(10, at(35))).toEqual(['b', 'a'])
    expect(await listed(10, at(40))).toEqual(['b', 'a', 'c'])
  })

  it('that are over are not renewed', async () => {
    expect(await changesNothing(world.table, () => renewLease(world.table, 'none', at(90)))).toBe(false)
  })
})
