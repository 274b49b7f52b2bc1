import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { resumeFlowRun } from '#shared/engine/flow-run/resume-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import type { StateType } from '#shared/flow-run/state.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun } from '../../support/fixtures/a-run.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** A run outside of pools whose process waits. */
async function pausedRun(id: string): Promise<string> {
  await createRun(world.table, aRun({ id, life: world.ids.life(), poolId: null, queueId: null, deploymentId: null }))
  await enter(id, 'RUNNING')
  await enter(id, 'PAUSED')
  return id
}

const enter = async (id: string, type: StateType) => await setState(world, id, { type })

/** Deps in which others get in before the first write. */
function overtakenBy(others: () => Promise<unknown>): Deps {
  let overtaken = false
  return withInterceptor(world, async (call, go) => {
    if (!overtaken && call.name === 'dynamodb PutItemCommand') {
      overtaken = true
      await others()
    }
    return await go()
  })
}

it('does not start a run again that ended while it was being resumed', async () => {
  const id = await pausedRun('0198a1b2-c3d4-7e5f-8a9b-000000000001')
  const { verdict } = await resumeFlowRun(
    overtakenBy(async () => await enter(id, 'FAILED')),
    id,
  )
  expect(verdict).toEqual({ status: 'ABORT', reason: 'Cannot resume a flow run that is not paused.' })
  expect((await readRun(world, id)).state.type).toBe('FAILED')
})

it('does not resume a later pause, for which it has not checked the input', async () => {
  const id = await pausedRun('0198a1b2-c3d4-7e5f-8a9b-000000000002')
  const pausedAgain = overtakenBy(async () => {
    await resumeFlowRun(world, id)
    await enter(id, 'PAUSED')
  })
  const { verdict } = await resumeFlowRun(pausedAgain, id)
  expect(verdict).toEqual({ status: 'ABORT', reason: 'The flow run was resumed and paused again.' })
  expect((await readRun(world, id)).state.type).toBe('PAUSED')
})
