import { afterEach, beforeEach, expect, it } from 'vitest'
import { armNextDue } from '#shared/engine/dispatch/arm-next-due.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { idFromName } from '#shared/ids.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aClaim, aRun, heldIn, POOL_ID } from '../../support/fixtures/a-run.ts'
import { inSeconds } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => world.close())

/** Puts runs that wait in a queue of a pool, due in so many seconds. */
async function due(seconds: readonly number[], queue = 'one', rest: Partial<FlowRun> = {}): Promise<void> {
  const updated = world.clock.now()
  const runs = seconds.map((after) => {
    const nextScheduledStartTime = inSeconds(world, after)
    return aRun({ id: world.ids.uuid(), queueId: idFromName('queue', queue), nextScheduledStartTime, updated, ...rest })
  })
  await putRuns(world, runs)
}
/** The delays that looks at the pool arm, in seconds. */
async function armed(deps = world as Parameters<typeof armNextDue>[0], poolId = POOL_ID) {
  world.sent.splice(0)
  await armNextDue(deps, poolId)
  return world.sent.splice(0).map(({ delaySeconds }) => delaySeconds)
}

it('arms the first run that is due later, in short and long lines, and no other', async () => {
  await due(Array.from({ length: 20 }, () => -1))
  await due([70], 'one')
  expect(await armed()).toEqual([70])
  await due([60, 65], 'two')
  expect(await armed()).toEqual([60])
  await due([50], 'later', { updated: 0 })
  expect(await armed()).toEqual([50])
  await due([40, ...Array.from({ length: 20 }, () => 3_600)], 'later', { updated: 0 })
  expect(await armed()).toEqual([40])
})

it('arms nothing for what is due now or after the next tick', async () => {
  await due([-60, 0, 91, 3_600])
  await due([91], 'later', { updated: 0 })
  await putRuns(world, [heldIn('RUNNING', aClaim({ leaseUntil: inSeconds(world, 91) }), { id: world.ids.uuid() })])
  expect(await armed()).toEqual([])
})

it('arms the end of what a held run has of time, and not what is over already', async () => {
  const held = (seconds: number) =>
    putRuns(world, [heldIn('RUNNING', aClaim({ leaseUntil: inSeconds(world, seconds) }), { id: world.ids.uuid() })])
  await held(-5)
  await held(30)
  expect(await armed()).toEqual([30])
  expect(await armed(world, idFromName('pool', 'other'))).toEqual([])
})

it('does not arm again what it armed, unless something comes before it or it is over', async () => {
  await due([60, 80])
  expect([await armed(), await armed()]).toEqual([[60], []])
  await due([30])
  expect([await armed(), await armed()]).toEqual([[30], []])
  world.clock.pass(31)
  expect([await armed(), await armed()]).toEqual([[29], []])
})

it('arms once more what could not be sent', async () => {
  await due([60])
  const failing = withInterceptor(world, async ({ name }, go) => {
    if (name === 'wakeUps send') throw new Error('no answer')
    return await go()
  })
  expect([await armed(failing), await armed()]).toEqual([[], [60]])
})

it('arms in whole seconds, and none in less than one', async () => {
  await due([0.2])
  expect(await armed()).toEqual([1])
  world.clock.pass(1)
  await due([9.5])
  expect(await armed()).toEqual([10])
})

it('costs two reads where lines are short, and another for each long one', async () => {
  let reads = 0
  const watched = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb QueryCommand') reads += 1
    return await go()
  })
  await due([60], 'one')
  await due([60], 'two')
  await armed(watched)
  expect(reads).toBe(2)
  await due(
    Array.from({ length: 20 }, () => 60),
    'three',
  )
  reads = 0
  await armed(watched)
  // The long line ends the first look at lines, which is followed by a second one.
  expect(reads).toBeLessThanOrEqual(4)
})
