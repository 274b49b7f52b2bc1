import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { commandDeployment, createRuns, readRun } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

vi.mock('#shared/bounds.ts', async (original) => ({ ...(await original<object>()), DELETE_CANCELS_MAX: 50 }))

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it('is unfinished when more runs wait than one request can cancel, and finishes when repeated', async () => {
  const pool = await createWorkPool(world, { name: 'p', type: 'process' })
  const runs = await createRuns(world, await commandDeployment(world, { pool }), 110)
  await expect(deleteWorkPool(world, 'p')).rejects.toMatchObject({
    code: 'unfinished',
    message: expect.stringContaining('100 waiting flow runs were cancelled; more remain.') as string,
  })
  await deleteWorkPool(world, 'p')
  const types = await Promise.all(runs.map(async (run) => (await readRun(world, run.id)).state.type))
  expect(new Set(types)).toEqual(new Set(['CANCELLED']))
})
