import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import { addSeconds } from '#shared/instant.ts'
import { availableOf, type Limit, type LimitKey } from '#shared/limit/limit.ts'
import { TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { repairLimit } from '#shared/storage/limit/change-limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { releaseActions, settingsAction, takeAction } from '#shared/storage/limit/limit-actions.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { counterexampleOf } from '../../support/faults/counterexample.ts'
import { LIFE, T0 } from '../../support/fixtures/a-run.ts'
import { putLimits, setPaused } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let last = 0
let key: LimitKey
beforeEach(() => {
  last += 1
  key = `deployment#d${last}`
})

async function read(which = key): Promise<Limit> {
  const limit = (await getLimits(world.table, [which])).get(which)
  if (!limit) throw new Error(`no limit ${which}`)
  return limit
}

async function take(n: number): Promise<boolean> {
  try {
    await transact(world.table, [takeAction(world.table, key, n)])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused) return false
    throw error
  }
}
const mark = (life: string) => markDeleting(world.table, key, { kind: 'queue', id: key, life }, T0)
const release = () => transact(world.table, releaseActions(world.table, [key]))

type Step = { kind: 'take'; n: number } | { kind: 'release' } | { kind: 'limit'; limit: number | null }
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('take' as const), n: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('release' as const) }),
    fc.record({ kind: fc.constant('limit' as const), limit: fc.option(fc.integer({ min: 0, max: 8 })) }),
  ),
  { maxLength: 25 },
)

it('whatever happens, a limit counts its holders, is never exceeded, and keeps available exact', async () => {
  const property = fc.asyncProperty(steps, async (all) => {
    await putLimits(world.table, { [key]: 5 })
    const model = { limit: 5 as number | null, active: 0 }
    for (const step of all) {
      const fits = step.kind === 'take' && availableOf(model.limit, model.active) >= step.n
      expect(step.kind === 'take' && (await take(step.n))).toBe(fits)
      if (fits) model.active += step.n
      if (step.kind === 'release' && model.active > 0) {
        await release()
        model.active -= 1
      }
      if (step.kind === 'limit') {
        await transact(world.table, [settingsAction(world.table, key, { limit: step.limit })])
        model.limit = step.limit
      }
      const { limit, active, available } = await read()
      expect({ limit, active, available }).toEqual({ ...model, available: availableOf(model.limit, model.active) })
    }
  })
  expect(await counterexampleOf(property, 40)).toBeUndefined()
})

describe('pausing and deleting', () => {
  it('a paused limit gives out no slots, and keeps its count', async () => {
    await putLimits(world.table, { [key]: 5 })
    await take(2)
    expect(await setPaused(world.table, key, true)).toBe(true)
    expect(await take(1)).toBe(false)
    await setPaused(world.table, key, false)
    expect(await take(3)).toBe(true)
  })

  it('a limit with holders, or of another life, is not deleted; once it is being deleted, it gives out no slots', async () => {
    await putLimits(world.table, { [key]: 5 }, { life: LIFE })
    await take(1)
    expect(await mark(LIFE)).toBe(false)
    await release()
    expect(await mark('another')).toBe(false)
    expect(await mark(LIFE)).toBe(true)
    expect(await take(1)).toBe(false)
  })

  it('a missing limit cannot be changed, and is not created by trying', async () => {
    const settings = transact(world.table, [settingsAction(world.table, key, { limit: 5 })])
    await expect(settings).rejects.toThrow(TransactionRefused)
    expect(await setPaused(world.table, key, true)).toBe(false)
    expect(await mark(LIFE)).toBe(false)
    expect(await getLimits(world.table, [key])).toEqual(new Map())
  })
})

describe('drift', () => {
  const SEEN = { drift: 2, proven: true, now: 0 }

  it('is repaired when found unchanged twice, with no slot moved in between', async () => {
    await putLimits(world.table, { [key]: 5 })
    await take(3)
    expect(await repairLimit(world.table, await read(), { ...SEEN, drift: 2 })).toBe(false)
    expect(await repairLimit(world.table, await read(), { ...SEEN, drift: 2 })).toBe(true)
    expect(await read()).toMatchObject({ active: 1, available: 4, driftNoted: null })
  })

  it('that is not proven is repaired when it has been there for longer than an index lags', async () => {
    await putLimits(world.table, { [key]: 5 })
    await take(3)
    for (const seconds of [0, 60, INDEX_LAG_SECONDS_MAX - 1]) {
      const seen = { ...SEEN, proven: false, now: addSeconds(0, seconds) }
      expect(await repairLimit(world.table, await read(), seen)).toBe(false)
    }
    const late = { ...SEEN, proven: false, now: addSeconds(0, INDEX_LAG_SECONDS_MAX) }
    expect(await repairLimit(world.table, await read(), late)).toBe(true)
    expect(await read()).toMatchObject({ active: 1, available: 4, driftNoted: null })
  })

  it('is left alone while slots move, or when it changes', async () => {
    await putLimits(world.table, { [key]: 5 })
    await take(3)
    expect(await repairLimit(world.table, await read(), { ...SEEN, drift: 2 })).toBe(false)
    await release()
    expect(await repairLimit(world.table, await read(), { ...SEEN, drift: 2 })).toBe(false)
    expect(await repairLimit(world.table, await read(), { ...SEEN, drift: 1 })).toBe(false)
    expect(await read()).toMatchObject({ active: 2, available: 3 })
  })
})
