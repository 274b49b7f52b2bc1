import { afterEach, beforeEach, expect, it } from 'vitest'
import { START_TIMEOUT_SECONDS } from '#shared/bounds.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createDispatcher } from '../../../functions/dispatcher/handler.ts'
import { scheduledEvent } from '../../../local/ticks.ts'
import { createRuns, inSeconds, pushPool } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'
import { watchUnits } from '../../support/write-units.ts'

let world: World
beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => world.close())

const TICKS = 60

it('both ticks together read at most one unit for each pool in which nothing is active', async () => {
  const { reads } = watchUnits(world.table)
  const dispatch = createDispatcher(world)
  const tick = async () => {
    await dispatch(scheduledEvent('dispatcher'))
    await sweep(world)
  }
  /** Units per tick, over an hour that follows the first look of a cold start. */
  const anHour = async () => {
    await tick()
    const before = reads()
    for (let ticks = 0; ticks < TICKS; ticks += 1) {
      world.clock.pass(60)
      await tick()
    }
    return (reads() - before) / TICKS
  }
  await createWorkPool(world, { name: 'first', type: 'ecs:push' })
  const one = await anHour()
  for (let n = 1; n < 50; n += 1) await createWorkPool(world, { name: `pool-${n}`, type: 'ecs:push' })
  const fifty = await anHour()
  console.log(`read units a tick: ${one.toFixed(2)} with one pool, ${fifty.toFixed(2)} with fifty`)
  expect((fifty - one) / 49).toBeLessThanOrEqual(1)
})

it('a tick arms what is due before long, and the sweep the end of what is held in a pool without a line', async () => {
  const dispatch = createDispatcher(world)
  const tick = async () => {
    await dispatch(scheduledEvent('dispatcher'))
    await sweep(world)
  }
  const due = () => world.sent.findLast(({ reason }) => reason === 'due')
  const { pool, deployment } = await pushPool(world)
  await tick()
  world.clock.pass(60)
  await createRuns(world, deployment, 1, inSeconds(world, 130))
  await tick()
  expect(due()).toBeUndefined()
  world.clock.pass(60)
  await tick()
  expect(due()).toMatchObject({ poolId: pool.id, delaySeconds: 70 })
  world.clock.pass(70)
  await tick()
  world.sent.length = 0
  world.clock.pass(START_TIMEOUT_SECONDS - 60)
  await tick()
  expect(due()).toMatchObject({ poolId: pool.id, delaySeconds: 60 })
})
