import { beforeEach, describe, expect, it } from 'vitest'
import { eachAtOnce } from '#shared/engine/dispatch/each-at-once.ts'
import { backoffSeconds, eachCaught } from '#shared/engine/dispatch/each-caught.ts'
import { NEVER } from '#shared/instant.ts'
import { openMemoryStage } from '../../support/stage.ts'
import type { World } from '../../support/world.ts'

let world: World
beforeEach(async () => {
  world = (await openMemoryStage()).world
})

const options = { act: 'mend', atOnce: 2, deadline: NEVER }
const idOf = (id: string) => id
const noAnswer = new Error('no answer')
/** Does something to each of these, of which some fail; returns to which it was done or tried. */
async function tried(ids: readonly string[], bad: (id: string) => boolean, act = options.act): Promise<string[]> {
  const some: string[] = []
  const mend = (id: string) => {
    some.push(id)
    return bad(id) ? Promise.reject(noAnswer) : Promise.resolve(true)
  }
  await eachCaught(world, ids, idOf, mend, { ...options, act })
  return some
}

it('counts those to which something was done, and reports those that failed', async () => {
  const act = (id: string) => (id === 'bad' ? Promise.reject(noAnswer) : Promise.resolve(id !== 'right'))
  expect(await eachCaught(world, ['bad', 'one', 'right', 'two'], idOf, act, options)).toBe(2)
  expect(world.logged).toMatchObject([
    { level: 'warn', message: 'repair failed', fields: { act: 'mend', id: 'bad', reason: 'Error: no answer' } },
  ])
  expect(world.counted.get('InspectionsFailed')).toBe(1)
})

it('begins none after the deadline', async () => {
  const begun: string[] = []
  const act = (id: string) => {
    begun.push(id)
    world.clock.pass(10)
    return Promise.resolve(true)
  }
  const deadline = world.clock.now() + 15_000_000
  expect(await eachCaught(world, ['a', 'b', 'c', 'd'], idOf, act, { ...options, atOnce: 1, deadline })).toBe(2)
  expect(begun).toEqual(['a', 'b'])
})

describe('what failed', () => {
  it('is passed over for a while, which doubles with each failure in a row', async () => {
    const isBad = (id: string) => id === 'bad'
    for (const seconds of [120, 240, 480]) {
      expect(await tried(['bad', 'good'], isBad)).toEqual(['bad', 'good'])
      world.clock.pass(seconds - 1)
      expect(await tried(['bad', 'good'], isBad)).toEqual(['good'])
      world.clock.pass(2)
    }
    expect(await tried(['bad'], () => false)).toEqual(['bad'])
    expect(await tried(['bad'], isBad)).toEqual(['bad'])
    world.clock.pass(121)
    expect(await tried(['bad'], isBad)).toEqual(['bad'])
  })

  it('is passed over for that act alone', async () => {
    await tried(['bad'], () => true)
    expect(await tried(['bad'], () => true, 'lease')).toEqual(['bad'])
    expect(await tried(['bad'], () => true)).toEqual([])
  })

  it('is forgotten where too much has failed since, the oldest first', async () => {
    const ids = Array.from({ length: 10_001 }, (_, n) => String(n))
    await tried(ids, () => true)
    expect(await tried(ids.slice(0, 3), () => true)).toEqual(['0'])
  })

  it('waits half an hour at most', () => {
    expect([1, 2, 3, 4, 5, 100].map(backoffSeconds)).toEqual([120, 240, 480, 960, 1_800, 1_800])
  })
})

it('works through items in order, so many at a time and no more', async () => {
  const begun: number[] = []
  let [underWay, most] = [0, 0]
  const act = async (n: number) => {
    begun.push(n)
    underWay += 1
    most = Math.max(most, underWay)
    await Promise.resolve()
    underWay -= 1
  }
  await eachAtOnce([1, 2, 3, 4, 5, 6, 7], 3, act)
  expect({ begun, most }).toEqual({ begun: [1, 2, 3, 4, 5, 6, 7], most: 3 })
  await expect(eachAtOnce([1], 3, () => Promise.reject(noAnswer))).rejects.toThrow('no answer')
})
