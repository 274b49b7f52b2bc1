import { afterAll, beforeAll, expect, it } from 'vitest'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { openWorld, type World } from '../../support/world.ts'
import { watchUnits } from '../../support/write-units.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const TICKS = 60

it('a sweep reads at most half a unit for each pool in which nothing is active', async () => {
  const { reads } = watchUnits(world.table)
  /** Units per tick, over an hour that follows the first look of a cold start. */
  const anHour = async () => {
    await sweep(world)
    const before = reads()
    for (let tick = 0; tick < TICKS; tick += 1) {
      world.clock.pass(60)
      await sweep(world)
    }
    return (reads() - before) / TICKS
  }
  await createWorkPool(world, { name: 'first', type: 'ecs:push' })
  const one = await anHour()
  for (let n = 1; n < 50; n += 1) await createWorkPool(world, { name: `pool-${n}`, type: 'ecs:push' })
  const fifty = await anHour()
  console.log(`read units a tick: ${one.toFixed(2)} with one pool, ${fifty.toFixed(2)} with fifty`)
  expect((fifty - one) / 49).toBeLessThanOrEqual(0.5)
})
