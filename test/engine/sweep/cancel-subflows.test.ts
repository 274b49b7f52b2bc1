import { afterAll, beforeAll, expect, it } from 'vitest'
import { cancelSubflows } from '#shared/engine/sweep/cancel-subflows.ts'
import { createTaskRun } from '#shared/engine/task-run/create-task-run.ts'
import { advance } from '#shared/flow-run/advance.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { newState } from '#shared/flow-run/state.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { aRun, T0 } from '../../support/fixtures/a-run.ts'
import { aTaskRun } from '../../support/fixtures/a-task-run.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it('visits every cancelled run, however many there are', async () => {
  const { details } = aTaskRun()
  const running = aRun({ state: newState('RUNNING', T0), poolId: null, queueId: null })
  const runs = Array.from({ length: 410 }, () =>
    advance({ ...running, id: asRunId(world.ids.uuid()) }, newState('CANCELLED', world.clock.now())),
  )
  for (const run of runs) {
    await createRun(world.table, run)
    await createTaskRun(world, { flowRunId: run.id, taskKey: 'k', dynamicKey: '0', tags: [], policy: {}, details })
  }
  const cancelled: number[] = []
  for (let tick = 0; tick < 4; tick += 1) {
    cancelled.push(await cancelSubflows(world))
    world.clock.pass(60)
  }
  expect(cancelled.toSorted((a, b) => b - a)).toEqual([410, 0, 0, 0])
})
