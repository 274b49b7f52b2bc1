import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRunInput } from '#shared/engine/flow-run/create-run-input.ts'
import { deleteFlowRun } from '#shared/engine/flow-run/delete-flow-run.ts'
import { createTaskRun } from '#shared/engine/task-run/create-task-run.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { newState } from '#shared/flow-run/state.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRunInput } from '#shared/storage/flow-run/list-run-inputs.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { ProcessDied, startProcess } from '../../support/faults/faulty-calls.ts'
import { aRun, T0 } from '../../support/fixtures/a-run.ts'
import { aTaskRun } from '../../support/fixtures/a-task-run.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it.each([1, 2, 3, 4, 5])('finishes a deletion that was cut short after call %i', async (at) => {
  const id = asRunId(world.ids.uuid())
  await createRun(world.table, aRun({ id, state: newState('COMPLETED', T0), poolId: null, queueId: null }))
  const { details } = aTaskRun()
  const keys = { flowRunId: id, taskKey: 'k', dynamicKey: '0' }
  const { task } = await createTaskRun(world, { ...keys, tags: [], policy: {}, details })
  await createRunInput(world, { runId: id, key: 'a', value: '1', sender: null })
  const dying = startProcess(world, { at, fault: 'dies after' })
  await expect(deleteFlowRun(dying.deps, id)).rejects.toThrow(ProcessDied)
  await dying.idle()
  await expect(deleteFlowRun(world, id)).rejects.toMatchObject({ code: 'not_found' })
  expect(await getTaskRun(world.table, task.id)).toBeUndefined()
  expect(await getRunInput(world.table, id, 'a')).toBeUndefined()
})
