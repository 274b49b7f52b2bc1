import { afterAll, beforeAll, expect, it } from 'vitest'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { deleteRoomHint, listRoomHints, putRoomHint, type RoomHint } from '#shared/storage/limit/room-hints.ts'
import {
  addWaitingPool,
  isWaitingPool,
  listWaitingPools,
  saveWaitingCursor,
} from '#shared/storage/limit/waiting-pools.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { changesNothing } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it('hints of room are read from a place on, each in turn, and no more than asked for', async () => {
  const hints = ['a', 'b', 'c', 'd'].map((id): RoomHint => ({ limit: `deployment#${id}`, stamp: `s-${id}` }))
  for (const hint of hints) await putRoomHint(world.table, 'p', hint)
  const from = async (place: number, max: number) =>
    (await listRoomHints(world.table, 'p', place, max)).map(({ limit }) => limit.slice(-1)).join('')
  expect(await from(0, 10)).toBe('abcd')
  expect(await from(0.5, 3)).toBe('cda')
  expect(await from(0.99, 1)).toBe('d')
  expect(await listRoomHints(world.table, 'p', 0, 1)).toEqual(hints.slice(0, 1))
})

it('a hint that was followed goes, unless there has been another since', async () => {
  const hint: RoomHint = { limit: 'deployment#d', stamp: '1' }
  await putRoomHint(world.table, 'q', { ...hint, stamp: '2' })
  await changesNothing(world.table, () => deleteRoomHint(world.table, 'q', hint))
  await deleteRoomHint(world.table, 'q', { ...hint, stamp: '2' })
  expect(await listRoomHints(world.table, 'q', 0, 10)).toEqual([])
})

it('a limit knows the pools in which runs wait for it, and so does the sweep', async () => {
  const key = 'deployment#d'
  await putLimits(world.table, { [key]: 1 })
  await addWaitingPool(world.table, key, { poolId: 'p', push: true })
  await addWaitingPool(world.table, key, { poolId: 'q', push: false })
  const limit = (await getLimits(world.table, [key])).get(key)
  expect(limit?.waitsIn.toSorted((a, b) => (a.poolId < b.poolId ? -1 : 1))).toEqual([
    { poolId: 'p', push: true },
    { poolId: 'q', push: false },
  ])
  await addWaitingPool(world.table, 'deployment#gone', { poolId: 'r', push: false })
  expect(await getLimits(world.table, ['deployment#gone'])).toEqual(new Map())
  expect((await listWaitingPools(world.table)).map(({ poolId }) => poolId)).toEqual(['p', 'q', 'r'])
})

it('the sweep goes on where it stopped in a pool that is known still', async () => {
  await addWaitingPool(world.table, 'deployment#gone', { poolId: 's', push: true })
  const cursor = async () => (await listWaitingPools(world.table)).find(({ poolId }) => poolId === 's')?.after
  await saveWaitingCursor(world.table, 's', 'here')
  expect(await cursor()).toBe('here')
  await saveWaitingCursor(world.table, 's', undefined)
  expect(await cursor()).toBeUndefined()
  await changesNothing(world.table, () => saveWaitingCursor(world.table, 'gone', 'here'))
  expect(await isWaitingPool(world.table, 'gone')).toBe(false)
})
