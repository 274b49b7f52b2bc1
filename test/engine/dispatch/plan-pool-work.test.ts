import { afterAll, beforeAll, expect, it } from 'vitest'
import { planPoolWork } from '#shared/engine/dispatch/plan-pool-work.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { NEVER } from '#shared/instant.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { commandDeployment, createRuns } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

/** More queues with work than are looked up one by one. */
const QUEUES = 20

let world: World
let pool: WorkPool
const queueIds: string[] = []
beforeAll(async () => {
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'crowded', type: 'ecs:push' })
  for (let n = 0; n < QUEUES; n += 1) await addQueueWithRun(`queue-${n}`)
})
afterAll(() => world.close())

async function addQueueWithRun(name: string, priority?: number): Promise<string> {
  const { id } = await createWorkQueue(world, pool.name, { name, priority })
  queueIds.push(id)
  await createRuns(world, await commandDeployment(world, { pool, queueId: id, name }), 1)
  return id
}

const find = async (handOutMax: number) => {
  const { batches } = await planPoolWork(world, { poolId: pool.id, dueBefore: NEVER, handOutMax })
  return batches.map(({ queueId }) => queueId)
}

it('of many queues with work, those with the highest priority come first', async () => {
  expect(await find(3)).toEqual(queueIds.slice(0, 3))
  expect(await find(3)).toEqual(queueIds.slice(0, 3))
  expect(await find(100)).toEqual(queueIds)
})

it('a new queue in a crowded pool counts within seconds, and at once when more is requested', async () => {
  const urgent = await addQueueWithRun('urgent', 1)
  expect(await find(100)).toContain(urgent)
  world.clock.pass(6)
  expect((await find(3))[0]).toBe(urgent)
})

it('when nothing waits, nothing is reported as waiting', async () => {
  const quiet = await createWorkPool(world, { name: 'quiet', type: 'ecs:push' })
  const { batches, waits } = await planPoolWork(world, { poolId: quiet.id, dueBefore: NEVER, handOutMax: 10 })
  expect({ batches, waits }).toEqual({ batches: [], waits: [] })
})
