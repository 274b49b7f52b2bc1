import { beforeEach, expect, it } from 'vitest'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { createTaskRun, type NewTaskRun } from '#shared/engine/task-run/create-task-run.ts'
import { deleteTaskRun, deleteTaskRuns } from '#shared/engine/task-run/delete-task-runs.ts'
import { editTaskRun } from '#shared/engine/task-run/edit-task-run.ts'
import { setTaskRunState } from '#shared/engine/task-run/set-task-run-state.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { idFromName } from '#shared/ids.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { listTaskRunIds } from '#shared/storage/task-run/list-task-run-ids.ts'
import { saveTaskRun } from '#shared/storage/task-run/save-task-run.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { RUN_ID, runIn } from '../../support/fixtures/a-run.ts'
import { aTaskRun } from '../../support/fixtures/a-task-run.ts'
import { inSeconds } from '../../support/fixtures/fixtures.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let run: FlowRun
stageForEachTest((stage) => {
  world = stage.world
})
beforeEach(async () => {
  const nowhere = { poolId: null, queueId: null, deploymentId: null, claim: null }
  run = runIn('RUNNING', { ...nowhere, runCount: 2 })
  await createRun(world.table, run)
})

const { details } = aTaskRun()
const wanted = (change: Partial<NewTaskRun> = {}): NewTaskRun => ({
  flowRunId: RUN_ID,
  taskKey: 'load',
  dynamicKey: '0',
  tags: ['t'],
  policy: { retries: 3 },
  details,
  ...change,
})
const stored = async (id: string) => await getTaskRun(world.table, id)

it('a new task run is of the life and the try of its flow run, and has done nothing yet', async () => {
  const { task, created } = await createTaskRun(world, wanted({ name: 'mine' }))
  expect(created).toBe(true)
  const { id, created: at, state } = task
  const { timestamp } = state
  expect(await stored(id)).toEqual({
    ...aTaskRun({ id, taskKey: 'load', dynamicKey: '0', name: 'mine', tags: ['t'], state }),
    policy: { ...aTaskRun().policy, retries: 3 },
    history: [expect.objectContaining({ type: 'PENDING', timestamp })],
    flowRunRunCount: task.flowRunRunCount,
    expectedStartTime: at,
    created: at,
    updated: task.updated,
  })
  expect((await createTaskRun(world, wanted({ dynamicKey: '1' }))).task.name).toMatch(/^(?!undefined)[a-z]+-[a-z]+$/)
})

it('counts the try of its flow run from its first RUNNING on, and waits until it is due', async () => {
  const running = await createTaskRun(world, wanted({ state: { type: 'RUNNING' } }))
  expect(running.task).toMatchObject({ state: { type: 'RUNNING' }, runCount: 1, flowRunRunCount: 2 })
  const scheduledTime = inSeconds(world, 60)
  const later = { type: 'SCHEDULED', details: { scheduledTime } } as const
  const { task } = await createTaskRun(world, wanted({ dynamicKey: '1', state: later }))
  expect(task.expectedStartTime).toBe(scheduledTime)
})

it('is the same for the same keys, and another outside of flow runs', async () => {
  const first = await createTaskRun(world, wanted())
  expect(await createTaskRun(world, wanted({ name: 'x' }))).toEqual({
    task: await stored(first.task.id),
    created: false,
  })
  const alone = [
    await createTaskRun(world, wanted({ flowRunId: null })),
    await createTaskRun(world, wanted({ flowRunId: null })),
  ]
  expect(new Set(alone.map(({ task }) => task.id)).size).toBe(2)
  expect(alone.map(({ task }) => [task.flowRunId, task.flowRunLife])).toEqual([
    [null, null],
    [null, null],
  ])
  await expect(createTaskRun(world, wanted({ flowRunId: idFromName('none') }))).rejects.toMatchObject({
    code: 'not_found',
  })
})

it('replaces what a former life of its flow run left under its id, and nothing of other flow runs', async () => {
  const id = idFromName('chosen')
  await createTaskRun(world, wanted({ id, taskKey: 'old' }))
  const left = await stored(id)
  if (left) await saveTaskRun(world.table, left, { ...left, flowRunLife: 'fedcba9876543210' })
  const { task, created } = await createTaskRun(world, wanted({ id }))
  expect({ created, key: task.taskKey, life: task.flowRunLife }).toEqual({ created: true, key: 'load', life: run.life })
  const other = { ...run, id: '0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f1111', life: '1111111111111111' }
  await createRun(world.table, other)
  expect(await createTaskRun(world, wanted({ id, flowRunId: other.id }))).toMatchObject({
    task: { flowRunId: RUN_ID },
    created: false,
  })
  expect(await createTaskRun(world, wanted({ id, flowRunId: null }))).toMatchObject({ created: false })
})

it('is not there where it was deleted while it was being created', async () => {
  const { task } = await createTaskRun(world, wanted())
  const deps = withInterceptor(world, async ({ name }, go) => {
    try {
      return await go()
    } catch (error) {
      if (name === 'dynamodb PutItemCommand') await deleteTaskRun(world, task.id)
      throw error
    }
  })
  await expect(createTaskRun(deps, wanted())).rejects.toMatchObject({ code: 'unavailable' })
})

it('is deleted by its id, or with all others of a life of its flow run, however many', async () => {
  const ids: string[] = []
  for (let n = 0; n < 205; n += 1) ids.push((await createTaskRun(world, wanted({ dynamicKey: String(n) }))).task.id)
  await deleteTaskRun(world, ids[0] ?? '')
  await expect(deleteTaskRun(world, ids[0] ?? '')).rejects.toMatchObject({ code: 'not_found' })
  const sizes: number[] = []
  const deps = withInterceptor(world, async ({ name, input }, go) => {
    const { RequestItems = {} } = input as { RequestItems?: Record<string, { Keys?: unknown[] }> }
    if (name === 'dynamodb BatchGetItemCommand') sizes.push(Object.values(RequestItems)[0]?.Keys?.length ?? 0)
    return await go()
  })
  await deleteTaskRuns(deps, { id: RUN_ID, life: 'another life' })
  expect(await listTaskRunIds(world.table, run, 1_000)).toHaveLength(204)
  await deleteTaskRuns(deps, run)
  expect(await listTaskRunIds(world.table, run, 1_000)).toEqual([])
  expect(sizes.filter((size) => size > 0)).toEqual([100, 100, 4])
})

it.each([
  ['edits', (deps: World, id: string) => editTaskRun(deps, id, (task) => ({ ...task, name: 'x' }))],
  ['states', (deps: World, id: string) => setTaskRunState(deps, id, { type: 'COMPLETED' })],
])('%s are given up after twenty tries in which others came first', async (_what, act) => {
  const { task } = await createTaskRun(world, wanted())
  let tries = 0
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb PutItemCommand') {
      tries += 1
      const now = await stored(task.id)
      if (now) await saveTaskRun(world.table, now, { ...now, name: `n${tries}` })
    }
    return await go()
  })
  await expect(act(deps as World, task.id)).rejects.toMatchObject({ code: 'unavailable' })
  expect(tries).toBe(20)
})

it('a state is returned as stored, and RUNNING only in the life of its flow run, unless it is forced', async () => {
  const { task } = await createTaskRun(world, wanted())
  const running = await setTaskRunState(world, task.id, { type: 'RUNNING' })
  expect(running).toMatchObject({ verdict: { status: 'ACCEPT', state: running.task.state }, wrote: true })
  expect(running.task).toEqual(await stored(task.id))
  expect(running.task.flowRunRunCount).toBe(2)
  await setState(world, RUN_ID, { type: 'COMPLETED' })
  const lost = { ...running.task, flowRunLife: 'fedcba9876543210' }
  await saveTaskRun(world.table, running.task, lost)
  await expect(setTaskRunState(world, task.id, { type: 'RUNNING' })).rejects.toMatchObject({ code: 'not_found' })
  expect((await setTaskRunState(world, task.id, { type: 'RUNNING' }, { force: true })).wrote).toBe(true)
  expect((await setTaskRunState(world, task.id, { type: 'COMPLETED' })).wrote).toBe(true)
})
