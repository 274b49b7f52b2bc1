import { afterAll, beforeAll, expect, it } from 'vitest'
import { createWorkPool, ensureAgentPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { ensureWorkQueue } from '#shared/engine/work-pool/ensure-work-queue.ts'
import { requireQueueById } from '#shared/engine/work-pool/require-queue.ts'
import { listPools } from '#shared/storage/work-pool/list-pools.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it('creates a queue once under concurrent requests', async () => {
  const pool = await createWorkPool(world, { name: 'p', type: 'process' })
  const queues = await Promise.all(Array.from({ length: 10 }, () => ensureWorkQueue(world, 'p', 'q')))
  expect(new Set(queues.map((queue) => queue.id)).size).toBe(1)
  expect(await listQueues(world.table, pool.id)).toHaveLength(2)
  expect((await requireQueueById(world, queues[0]?.id ?? '')).name).toBe('q')
})

it('raises not_found for a missing pool, and creates nothing', async () => {
  await expect(ensureWorkQueue(world, 'none', 'q')).rejects.toMatchObject({ code: 'not_found' })
})

it('creates the agent pool once, on first use', async () => {
  const pools = await Promise.all(Array.from({ length: 5 }, () => ensureAgentPool(world)))
  expect(new Set(pools.map((pool) => pool.id)).size).toBe(1)
  const all = await listPools(world.table)
  expect(all.filter((pool) => pool.type === 'prefect-agent').map((pool) => pool.name)).toEqual(['default-agent-pool'])
})
