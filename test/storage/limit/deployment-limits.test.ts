import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import { type Limit, type LimitKey, UNLIMITED } from '#shared/limit/limit.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { limitItemKey } from '#shared/storage/dynamo/table.ts'
import { TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { forgetDrift, repairLimit } from '#shared/storage/limit/change-limit.ts'
import {
  type DeploymentLimitChange,
  deploymentLimitAction,
  newDeploymentLimitItem,
} from '#shared/storage/limit/deployment-limit-actions.ts'
import { getLimits, listLimits } from '#shared/storage/limit/get-limits.ts'
import { releaseActions, settingsAction, takeAction } from '#shared/storage/limit/limit-actions.ts'
import { openLimit, raiseEpoch, recordLook } from '#shared/storage/limit/open-limit.ts'
import { at } from '../../support/fixtures/a-run.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { changesNothing, putItem } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let last = 0
let id: string
let key: LimitKey
beforeEach(() => {
  last += 1
  id = `d${last}`
  key = `deployment#${id}`
})

type Settings = Parameters<typeof newDeploymentLimitItem>[1]
const CAPPED: Settings = { limit: 3, cancelNew: false, countingSince: null }
const put = (settings: Partial<Settings> = {}) =>
  putItem(world.table, newDeploymentLimitItem(id, { ...CAPPED, ...settings }))
async function read(): Promise<Limit> {
  const limit = (await getLimits(world.table, [key])).get(key)
  if (!limit) throw new Error(`no limit ${key}`)
  return limit
}
async function attempt(action: Parameters<typeof transact>[1][number]): Promise<boolean> {
  try {
    await transact(world.table, [action])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(0)) return false
    throw error
  }
}
const change = (settings: Partial<DeploymentLimitChange>) =>
  attempt(deploymentLimitAction(world.table, id, { before: undefined, ...CAPPED, ...settings }))
const take = (n = 1, epoch?: number) => attempt(takeAction(world.table, key, n, epoch))
/** The phases of the index in which ticks find the limit. */
async function phases(): Promise<string[]> {
  const found = await Promise.all(
    ['counting', 'cancel-new'].map(async (phase) => {
      const keys = (await listLimits(world.table, phase)).map((limit) => limit.key)
      return keys.includes(key) ? [phase] : []
    }),
  )
  return found.flat()
}

describe("a deployment's first limit", () => {
  it('is open where there is nothing to count, and written once', async () => {
    expect(await change({})).toBe(true)
    expect(await read()).toMatchObject({ limit: 3, available: 3, paused: false, countingSince: null })
    expect(await changesNothing(world.table, () => change({ limit: 9 }))).toBe(false)
  })

  it.each([
    { limit: 3, paused: true, available: 3 },
    { limit: null, paused: false, available: UNLIMITED },
  ])('is closed while it counts, if it is a cap: %o', async ({ limit, ...expected }) => {
    expect(await change({ limit, countingSince: at(1) })).toBe(true)
    expect(await read()).toMatchObject({ ...expected, countingSince: at(1), lookedAt: null })
    expect(await phases()).toEqual(['counting'])
  })

  it('is found by ticks for its full moments where runs are cancelled then', async () => {
    for (const [settings, listed] of [
      [{ limit: 3, cancelNew: true }, ['cancel-new']],
      [{ limit: null, cancelNew: true }, []],
      [{ limit: 3, cancelNew: false }, []],
    ] as const) {
      await put(settings)
      expect(await phases()).toEqual(listed)
    }
  })
})

describe('changing the limit of a deployment', () => {
  it('keeps the count of its holders, whatever the cap becomes', async () => {
    await put()
    await take(2)
    for (const [limit, available] of [
      [1, -1],
      [null, UNLIMITED - 2],
      [5, 3],
    ] as const) {
      expect(await change({ before: await read(), limit })).toBe(true)
      expect(await read()).toMatchObject({ limit, active: 2, available })
    }
  })

  it('moves it into the sight of the ticks, and out of it', async () => {
    await put()
    await change({ before: await read(), cancelNew: true })
    expect([await phases(), (await read()).cancelNew]).toEqual([['cancel-new'], true])
    await change({ before: await read(), cancelNew: true, limit: null })
    expect(await phases()).toEqual([])
  })

  it('opens one that counts by taking its cap away, closes it with one, and lets it count on', async () => {
    await put({ countingSince: at(1) })
    for (const limit of [null, 4]) {
      expect(await change({ before: await read(), limit, cancelNew: true })).toBe(true)
      expect(await read()).toMatchObject({ limit, paused: limit !== null, cancelNew: true, countingSince: at(1) })
      expect(await phases()).toEqual(['counting'])
    }
  })

  it('is refused when it has begun to count since, or ended, or counts from another time, or is gone', async () => {
    await put()
    const open = await read()
    await put({ countingSince: at(1) })
    const counting = await read()
    expect(await changesNothing(world.table, () => change({ before: open }))).toBe(false)
    await put({ countingSince: at(2) })
    expect(await changesNothing(world.table, () => change({ before: counting }))).toBe(false)
    await put()
    expect(await changesNothing(world.table, () => change({ before: counting }))).toBe(false)
    const gone = { ...open, key: 'deployment#gone' as const }
    expect(await changesNothing(world.table, () => change({ before: gone }))).toBe(false)
  })
})

describe('opening a limit that has counted', () => {
  async function counted(settings: Partial<Settings> = {}): Promise<Limit> {
    await put({ countingSince: at(1), ...settings })
    expect(await recordLook(world.table, await read(), at(2))).toBe(true)
    return await read()
  }

  it.each([
    { limit: 3, cancelNew: true, listed: ['cancel-new'] },
    { limit: 3, cancelNew: false, listed: [] },
    { limit: null, cancelNew: true, listed: [] },
  ])('opens it, in sight of the ticks or not: %o', async ({ listed, ...settings }) => {
    const limit = await counted(settings)
    expect(await openLimit(world.table, limit)).toBe(true)
    expect(await read()).toEqual({ ...limit, paused: false, countingSince: null, lookedAt: null })
    expect(await phases()).toEqual(listed)
    expect(await changesNothing(world.table, () => openLimit(world.table, limit))).toBe(false)
  })

  it('opens one that nobody has looked at yet, and then no more', async () => {
    await put({ countingSince: at(1) })
    const limit = await read()
    expect(await openLimit(world.table, limit)).toBe(true)
    expect(await read()).toMatchObject({ paused: false, countingSince: null })
    const looked = await counted()
    expect(await changesNothing(world.table, () => openLimit(world.table, { ...looked, lookedAt: null }))).toBe(false)
  })

  it('does not, once anything is not as it was read', async () => {
    const limit = await counted()
    const changes: Partial<Limit>[] = [
      { countingSince: at(9) },
      { lookedAt: at(9) },
      { cancelNew: true },
      { limit: 4 },
      { limit: null },
    ]
    for (const other of changes) {
      expect(await changesNothing(world.table, () => openLimit(world.table, { ...limit, ...other }))).toBe(false)
    }
    const uncapped = await counted({ limit: null })
    expect(await changesNothing(world.table, () => openLimit(world.table, { ...uncapped, limit: 4 }))).toBe(false)
  })

  it('goes by the first look, which is noted once, of the count that it belongs to', async () => {
    const limit = await counted()
    expect(await changesNothing(world.table, () => recordLook(world.table, limit, at(3)))).toBe(false)
    await put({ countingSince: at(4) })
    expect(await changesNothing(world.table, () => recordLook(world.table, limit, at(5)))).toBe(false)
  })
})

describe('slots', () => {
  it('are taken under the epoch that was seen, and of limits that are there', async () => {
    await putLimits(world.table, { [key]: 3 })
    await raiseEpoch(world.table, 'gone')
    expect(await changesNothing(world.table, () => take(1, 1))).toBe(false)
    expect(await take(1, 0)).toBe(true)
    const missing = releaseActions(world.table, ['deployment#gone'])
    await expect(changesNothing(world.table, () => transact(world.table, missing))).rejects.toThrow(TransactionRefused)
    expect(await getItem(world.table, limitItemKey('pool#gone'))).toBeUndefined()
  })

  it('of a pool are taken under no older epoch', async () => {
    await putLimits(world.table, { [`pool#${id}`]: 3 })
    await raiseEpoch(world.table, id)
    expect(await attempt(takeAction(world.table, `pool#${id}`, 1, 0))).toBe(false)
    expect(await attempt(takeAction(world.table, `pool#${id}`, 1, 1))).toBe(true)
  })
})

describe('settings of a limit', () => {
  it('that is being deleted are not changed', async () => {
    await putLimits(world.table, { [key]: 3 }, { deleting: true })
    const settings = settingsAction(world.table, key, { limit: 5, paused: true })
    expect(await changesNothing(world.table, () => attempt(settings))).toBe(false)
  })
})

describe('a drift that was noted', () => {
  const PROVEN = { drift: 1, proven: true, now: at(0) }

  it('is forgotten when it is gone, unless slots have moved since', async () => {
    await put()
    await take()
    const before = await read()
    await repairLimit(world.table, before, PROVEN)
    await take()
    await changesNothing(world.table, () => forgetDrift(world.table, before))
    expect((await read()).driftNoted).toEqual({ drift: 1, moves: before.moves, since: at(0) })
    await forgetDrift(world.table, await read())
    expect((await read()).driftNoted).toBeNull()
  })

  it('is repaired once no index lags for so long, where it is not proven', async () => {
    await put()
    await take()
    const seen = (seconds: number) => ({ drift: 1, proven: false, now: at(seconds) })
    await repairLimit(world.table, await read(), seen(0))
    expect(await repairLimit(world.table, await read(), seen(INDEX_LAG_SECONDS_MAX - 1))).toBe(false)
    expect(await repairLimit(world.table, await read(), seen(INDEX_LAG_SECONDS_MAX))).toBe(true)
  })

  it('is repaired once, however often it is tried, and not after slots have moved', async () => {
    await put()
    await take(2)
    await repairLimit(world.table, await read(), PROVEN)
    const noted = await read()
    expect(await repairLimit(world.table, noted, PROVEN)).toBe(true)
    expect(await changesNothing(world.table, () => repairLimit(world.table, noted, PROVEN))).toBe(false)
    expect(
      await changesNothing(world.table, () => repairLimit(world.table, { ...noted, driftNoted: null }, PROVEN)),
    ).toBe(false)
  })
})
