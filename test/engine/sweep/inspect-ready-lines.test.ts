import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { countLateRuns } from '#shared/engine/sweep/count-late-runs.ts'
import { inspectReadyLines } from '#shared/engine/sweep/inspect-ready-lines.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { updateWorkPool } from '#shared/engine/work-pool/update-work-pool.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { withPagesOf } from '../../support/faults/small-pages.ts'
import { commandDeployment, createRuns, inSeconds, NO_DEADLINE, pushPool } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => world.close())

/** The longest wait that the sweep reports, in whole seconds; undefined when it reports none. */
async function told(): Promise<number | undefined> {
  world.longest.clear()
  await sweep(world)
  const seconds = world.longest.get('OldestReadySeconds')
  return seconds === undefined ? undefined : Math.round(seconds)
}

it('reports how long the oldest launchable run has waited, until it is launched', async () => {
  const { pool, deployment } = await pushPool(world)
  await createRuns(world, deployment, 1, inSeconds(world, 60))
  await createRuns(world, deployment, 1)
  expect(await told()).toBe(0)
  world.clock.pass(300)
  expect(await told()).toBe(300)
  await dispatchPool(world, pool.id, NO_DEADLINE)
  expect(await told()).toBeUndefined()
})

it('reports the longest wait over all pools, ignoring runs that wait for a slot, a pause or a worker', async () => {
  const one = await pushPool(world, { name: 'one', poolLimit: 1 })
  const two = await pushPool(world, { name: 'two' })
  const pull = await createWorkPool(world, { name: 'pull', type: 'process' })
  await createRuns(world, await commandDeployment(world, { pool: pull, name: 'pulled' }), 1)
  await createRuns(world, one.deployment, 2)
  world.clock.pass(10)
  await createRuns(world, two.deployment, 1)
  world.clock.pass(10)
  expect(await told()).toBe(20)
  await dispatchPool(world, one.pool.id, NO_DEADLINE)
  expect(await told()).toBe(10)
  await updateWorkPool(world, 'two', {}, { paused: true })
  expect(await told()).toBeUndefined()
})

it('costs one read when nothing waits, and one more when something does', async () => {
  const { pool, deployment } = await pushPool(world)
  const reads: string[] = []
  const watched = withInterceptor(world, ({ name }, go) => {
    reads.push(name)
    return go()
  })
  await inspectReadyLines(watched, { id: pool.id, push: true })
  expect(reads.splice(0)).toEqual(['dynamodb QueryCommand'])
  await createRuns(world, deployment, 3)
  await inspectReadyLines(watched, { id: pool.id, push: true })
  expect(reads).toEqual(['dynamodb QueryCommand', 'dynamodb BatchGetItemCommand'])
})

it('counts the late runs of a queue, over any number of pages, and none of another', async () => {
  const { pool, queueId, deployment } = await pushPool(world)
  await createRuns(world, deployment, 5)
  await createRuns(world, deployment, 2, inSeconds(world, 60))
  await createRuns(world, await commandDeployment(world, { pool, name: 'other' }), 1)
  const count = (deps: Deps = world) => countLateRuns(deps, { id: queueId, poolId: pool.id })
  expect(await count()).toBe(0)
  world.clock.pass(30)
  expect([await count(), await count(withPagesOf(world, 2))]).toEqual([5, 5])
  world.clock.pass(60)
  expect(await count()).toBe(7)
})
