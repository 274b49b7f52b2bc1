import { afterAll, beforeAll, expect, it } from 'vitest'
import * as engine from '#shared/engine/task-run/create-task-run.ts'
import { setTaskRunState } from '#shared/engine/task-run/set-task-run-state.ts'
import { newState } from '#shared/flow-run/state.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { createTaskRun } from '#shared/storage/task-run/create-task-run.ts'
import { deleteTaskRuns } from '#shared/storage/task-run/delete-task-runs.ts'
import { getTaskRun, getTaskRuns } from '#shared/storage/task-run/get-task-run.ts'
import { saveTaskRun } from '#shared/storage/task-run/save-task-run.ts'
import { ProcessDied, startProcess } from '../../support/faults/faulty-calls.ts'
import { aRun, RUN_ID, T0 } from '../../support/fixtures/a-run.ts'
import { aTaskRun, TASK_RUN_ID } from '../../support/fixtures/a-task-run.ts'
import { openWorld, type World } from '../../support/world.ts'
import { watchWriteUnits } from '../../support/write-units.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await createRun(world.table, aRun({ state: newState('RUNNING', T0), runCount: 1, poolId: null, queueId: null }))
})
afterAll(() => world.close())

/** What Prefect 2's engine sends for a common task run. */
const common: engine.NewTaskRun = {
  flowRunId: RUN_ID,
  taskKey: '__main__.transform',
  dynamicKey: '3',
  name: 'transform-3',
  tags: ['etl'],
  policy: { retries: 2, retryDelay: 1 },
  details: {
    taskVersion: '8a0cb14c3b0c7c3b1a3a3d1f0a4f5b6c',
    cacheKey: null,
    cacheExpiration: null,
    labels: {},
    inputs: { x: [{ input_type: 'task_run', id: TASK_RUN_ID }], y: [] },
  },
}

it('a task run costs two write units to create and one for each transition', async () => {
  const watch = watchWriteUnits(world.table)
  watch.step('create')
  const { task } = await engine.createTaskRun(world, common)
  for (const type of ['RUNNING', 'COMPLETED'] as const) {
    watch.step(type)
    await setTaskRunState(world, task.id, { type, data: { type: 'unpersisted' } })
  }
  expect(watch.units()).toEqual({ create: 2, RUNNING: 1, COMPLETED: 1 })
})

it.each([0, 200, 900_000])('keeps inputs of %i bytes unchanged, also across state changes', async (bytes) => {
  const id = world.ids.uuid()
  const inputs = bytes === 0 ? {} : { wait_for: Array.from({ length: bytes / 100 }, () => 'x'.repeat(97)) }
  const policy = { maxRetries: 1, retryDelaySeconds: 0.5, retries: 3, retryDelay: [1, 2.5], retryJitterFactor: 1e-300 }
  const details = { taskVersion: 'v', cacheKey: 'k', cacheExpiration: T0, labels: { a: { b: [1] } }, inputs }
  const task = aTaskRun({ id, tags: ['a'], policy, details, childIds: ['c'] })
  expect(await createTaskRun(world.table, task)).toBe(true)
  expect(await createTaskRun(world.table, { ...task, name: 'other' })).toBe(false)
  expect(await getTaskRun(world.table, id)).toEqual(task)
  expect(await getTaskRuns(world.table, [id, world.ids.uuid()])).toEqual([task])

  const after = { ...task, name: 'renamed' }
  expect(await saveTaskRun(world.table, task, after)).toBe(true)
  expect(await saveTaskRun(world.table, task, { ...task, name: 'too late' })).toBe(false)
  expect(await getTaskRun(world.table, id)).toEqual({ ...after, revision: 1 })

  await deleteTaskRuns(world.table, [task])
  expect(await getTaskRun(world.table, id)).toBeUndefined()
})

it('is created and read again after an interrupted deletion', async () => {
  const large = (bytes: number) => ({ ...aTaskRun().details, inputs: { x: 'x'.repeat(bytes) } })
  const task = aTaskRun({ id: world.ids.uuid(), details: large(900_000) })
  await createTaskRun(world.table, task)
  const dying = startProcess(world, { at: 0, fault: 'dies after' })
  await expect(deleteTaskRuns(dying.deps.table, [task])).rejects.toThrow(ProcessDied)
  await dying.idle()
  expect(await getTaskRun(world.table, task.id)).toBeUndefined()
  const again = { ...task, details: large(400_000) }
  expect(await createTaskRun(world.table, again)).toBe(true)
  expect(await getTaskRun(world.table, task.id)).toEqual(again)
})

it('recognizes its own write when the response was lost', async () => {
  const task = aTaskRun({ id: world.ids.uuid() })
  await createTaskRun(world.table, task)
  const after = { ...task, name: 'renamed' }
  await saveTaskRun(world.table, task, after)
  expect(await saveTaskRun(world.table, task, after)).toBe(true)
})
