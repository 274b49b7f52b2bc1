import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HISTORY_MAX } from '#shared/bounds.ts'
import * as engine from '#shared/engine/task-run/create-task-run.ts'
import { setTaskRunState } from '#shared/engine/task-run/set-task-run-state.ts'
import { newState } from '#shared/flow-run/state.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { taskRunDetailsKey, taskRunKey } from '#shared/storage/dynamo/table.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'
import { createGlobalLimit } from '#shared/storage/limit/put-global-limit.ts'
import { createTaskRun } from '#shared/storage/task-run/create-task-run.ts'
import { deleteTaskRuns } from '#shared/storage/task-run/delete-task-runs.ts'
import { getTaskRun, getTaskRuns } from '#shared/storage/task-run/get-task-run.ts'
import { listTaskRunIds } from '#shared/storage/task-run/list-task-run-ids.ts'
import { saveTaskRun } from '#shared/storage/task-run/save-task-run.ts'
import { ProcessDied, startProcess, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun, at, LIFE, RUN_ID, T0 } from '../../support/fixtures/a-run.ts'
import { aTaskRun, TASK_RUN_ID } from '../../support/fixtures/a-task-run.ts'
import { changesNothing, putItem, tableItems } from '../../support/table-items.ts'
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

describe('a task run whose id was used again', () => {
  const sizes = [0, 400_000].map((bytes) => ({
    ...aTaskRun().details,
    inputs: bytes === 0 ? {} : { x: 'x'.repeat(bytes) },
  }))

  it.each(sizes)('is another: it is neither saved over nor deleted', async (details) => {
    const task = aTaskRun({ id: world.ids.uuid(), details })
    await createTaskRun(world.table, task)
    const earlier = { ...task, created: task.created - 1 }
    const save = (slots = {}) => saveTaskRun(world.table, earlier, { ...earlier, name: 'renamed' }, slots)
    expect(await changesNothing(world.table, () => save())).toBe(false)
    await changesNothing(world.table, () => deleteTaskRuns(world.table, [earlier]))
    await deleteTaskRuns(world.table, [task])
    expect([...(await tableItems(world.table)).keys()].filter((key) => key.includes(task.id))).toEqual([])
  })
})

describe('the slots of a task run', () => {
  const limit = { id: 'l', name: 'l', limit: 1, inForce: true, decayPerSecond: 0, active: 0, countedAt: T0, loose: 0 }
  const counts = { leased: 0, heldSeconds: 0, releases: 0, moves: 0, created: T0, updated: T0 }
  const leaseOf = (id: string) => ({
    id,
    slots: 1,
    limits: [{ id: 'l', created: T0 }],
    holder: null,
    until: T0,
    created: T0,
  })

  it('are taken and given back with its states, or the state stays', async () => {
    await createGlobalLimit(world.table, { ...limit, ...counts })
    const tasks = [aTaskRun({ id: world.ids.uuid() }), aTaskRun({ id: world.ids.uuid() })] as const
    for (const task of tasks) await createTaskRun(world.table, task)
    const limits = async () => await getGlobalLimits(world.table, ['l'])
    const move = async (id: string) => ({ limits: await limits(), slots: 1, lease: leaseOf(id), now: T0 })
    const [first, second] = tasks
    const [running, waiting] = tasks.map((task) => ({ ...task, leased: true }))
    if (!running || !waiting) throw new Error('no task runs')
    const take = await move(first.id)
    expect(await saveTaskRun(world.table, first, running, { take })).toBe(true)
    expect(await limits()).toMatchObject([{ active: 1 }])
    const full = await move(second.id)
    expect(await changesNothing(world.table, () => saveTaskRun(world.table, second, waiting, { take: full }))).toBe(
      false,
    )
    const stale = { ...running, revision: 7 }
    expect(await changesNothing(world.table, () => saveTaskRun(world.table, stale, first, { give: take }))).toBe(false)
    const held = { ...running, revision: 1 }
    expect(await saveTaskRun(world.table, held, { ...held, leased: false }, { give: await move(first.id) })).toBe(true)
    expect(await limits()).toMatchObject([{ active: 0 }])
  })
})

it('task runs of a flow run are listed by expected start, as many as asked for', async () => {
  const run = { id: world.ids.uuid(), life: LIFE }
  const starts = [3, 1, 2].map((seconds) => ({ id: world.ids.uuid(), start: at(seconds) }))
  for (const { id, start } of starts) {
    await createTaskRun(world.table, aTaskRun({ id, flowRunId: run.id, flowRunLife: LIFE, expectedStartTime: start }))
  }
  const inOrder = starts.toSorted((a, b) => a.start - b.start).map(({ id }) => id)
  expect(await listTaskRunIds(world.table, run, 10)).toEqual(inOrder)
  expect(await listTaskRunIds(world.table, run, 2)).toEqual(inOrder.slice(0, 2))
  expect(await listTaskRunIds(world.table, { ...run, life: 'another' }, 10)).toEqual([])
})

it('keeps all that it can have, its latest states alone', async () => {
  const states = Array.from({ length: HISTORY_MAX + 1 }, (_, n) => {
    return { type: 'RUNNING' as const, name: 'Running', timestamp: at(n), message: `${n}` }
  })
  const task = aTaskRun({
    id: world.ids.uuid(),
    stateSequence: 40,
    history: states,
    leased: true,
    runCount: 3,
    flowRunRunCount: 2,
    nextScheduledStartTime: at(5),
    startTime: at(6),
    endTime: at(7),
    totalRunTimeSeconds: 1.5,
  })
  await createTaskRun(world.table, task)
  expect(await getTaskRun(world.table, task.id)).toEqual({ ...task, history: states.slice(1) })
})

it('takes no bytes for what it does not have, and is in the list of its flow run alone', async () => {
  const task = aTaskRun({ id: world.ids.uuid() })
  await createTaskRun(world.table, task)
  const item = await getItem(world.table, taskRunKey(task.id))
  const least = ['pk', 'sk', 'key', 'dynamicKey', 'name', 'state', 'seq', 'history', 'startAt', 'created', 'updated']
  const ofFlowRun = ['flowRunId', 'flowRunLife', 'listKey']
  expect(new Set(Object.keys(item ?? {}))).toEqual(new Set([...least, 'revision', 'details', ...ofFlowRun]))
  const alone = { ...task, id: world.ids.uuid(), flowRunId: null, flowRunLife: null }
  await createTaskRun(world.table, alone)
  const itemAlone = (await getItem(world.table, taskRunKey(alone.id))) ?? {}
  expect(new Set(Object.keys(itemAlone))).toEqual(new Set([...least, 'revision', 'details']))
})

it('is not saved once it was deleted', async () => {
  const task = aTaskRun({ id: world.ids.uuid() })
  await createTaskRun(world.table, task)
  await deleteTaskRuns(world.table, [task])
  expect(await changesNothing(world.table, () => saveTaskRun(world.table, task, task))).toBe(false)
})

it('is deleted with one write each, however many there are', async () => {
  const tasks = Array.from({ length: 45 }, () => aTaskRun({ id: world.ids.uuid() }))
  for (const task of tasks) await createTaskRun(world.table, task)
  const calls: string[] = []
  const { table } = withInterceptor(world, async ({ name }, go) => {
    calls.push(name)
    return await go()
  })
  await deleteTaskRuns(table, tasks)
  expect(calls).toEqual(tasks.map(() => 'dynamodb DeleteItemCommand'))
  const ids = tasks.map(({ id }) => id)
  expect(await getTaskRuns(world.table, ids)).toEqual([])
})

it('is read when all chunks of its details are there, and without what is left of others', async () => {
  const details = { ...aTaskRun().details, inputs: { x: 'x'.repeat(400_000) } }
  const task = aTaskRun({ id: world.ids.uuid(), details })
  await createTaskRun(world.table, task)
  const { table } = withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name !== 'dynamodb BatchGetItemCommand') return answer
    const { Responses = {} } = (answer as { output: { Responses?: Record<string, unknown[]> } }).output
    for (const items of Object.values(Responses)) items.reverse()
    return answer
  })
  expect(await getTaskRuns(table, [task.id])).toEqual([task])
  const both = async () => [await getTaskRun(world.table, task.id), ...(await getTaskRuns(world.table, [task.id]))]
  await putItem(world.table, { ...taskRunDetailsKey(task.id, 2), json: Buffer.from('left') })
  expect(await both()).toEqual([task, task])
  await deleteItem(world.table, taskRunDetailsKey(task.id, 1))
  await deleteItem(world.table, taskRunDetailsKey(task.id, 2))
  expect(await both()).toEqual([undefined])
})
