import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { PHASE_INDEX } from '#shared/storage/dynamo/table.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { createRuns, inSeconds, type PushPool, pushPool, readRun } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let push: PushPool
let held: string
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(async () => {
  push = await pushPool(world, { name: world.ids.uuid(), queueLimit: 1 })
  held = (await createRuns(world, push.deployment, 1))[0]?.id ?? ''
  await setState(world, held, { type: 'PENDING' })
})
afterAll(() => world.close())

/** What is sent as a client ends what it holds in a push pool. */
async function sentAtTheEnd(deps: Deps = world): Promise<unknown[]> {
  world.sent.splice(0)
  await setState(deps, held, { type: 'COMPLETED' })
  expect((await readRun(world, held)).state.type).toBe('COMPLETED')
  return world.sent.splice(0)
}
const wake = () => ({ poolId: push.pool.id, reason: 'released', delaySeconds: 0 })
async function waitsFrom(seconds: number): Promise<void> {
  const { flowId, id: deploymentId } = push.deployment
  const state = { type: 'SCHEDULED' as const, details: { scheduledTime: inSeconds(world, seconds) } }
  await createFlowRun(world, { flowId, deploymentId, state })
}

it('a client that gives back a slot which runs of a push pool wait for wakes the pool, once', async () => {
  await createRuns(world, push.deployment, 3)
  expect(await sentAtTheEnd()).toEqual([wake()])
})

it('so it does when the one that waits was due much later once', async () => {
  await waitsFrom(3_600)
  world.clock.pass(3_601)
  expect(await sentAtTheEnd()).toEqual([wake()])
})

it('where none waits, or only one that is due tomorrow, nothing is sent', async () => {
  await waitsFrom(86_400)
  expect(await sentAtTheEnd()).toEqual([])
})

it('where it can not be found out, the end is stored, and the tick finds the slot', async () => {
  await createRuns(world, push.deployment, 1)
  const faulty = withInterceptor(world, async ({ input }, go) => {
    if ((input as { IndexName?: string }).IndexName === PHASE_INDEX) throw new Error('no answer')
    return await go()
  })
  expect(await sentAtTheEnd(faulty)).toEqual([])
})
