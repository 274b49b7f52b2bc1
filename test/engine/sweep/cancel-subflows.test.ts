import { afterAll, beforeAll, expect, it } from 'vitest'
import { cancelSubflows } from '#shared/engine/sweep/cancel-subflows.ts'
import { createTaskRun } from '#shared/engine/task-run/create-task-run.ts'
import { setTaskRunState } from '#shared/engine/task-run/set-task-run-state.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { newState, type StateType } from '#shared/flow-run/state.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { saveTaskRun } from '#shared/storage/task-run/save-task-run.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun, runIn, someDetails } from '../../support/fixtures/a-run.ts'
import { aTaskRun } from '../../support/fixtures/a-task-run.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { openMemoryStage } from '../../support/stage.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const nowhere = { poolId: null, queueId: null, claim: null, launch: null }
/** A run that was cancelled just now, from a state. */
function cancelled(from: StateType): FlowRun {
  const run = runIn(from, { ...nowhere, id: asRunId(world.ids.uuid()) })
  return advance(run, newState('CANCELLED', world.clock.now()))
}
const taskIn = async (flowRunId: string, dynamicKey = '0') => {
  const { details } = aTaskRun()
  const request = { flowRunId, taskKey: 'k', dynamicKey, tags: [], policy: {}, details }
  return (await createTaskRun(world, request)).task
}

it('comes to every cancelled run that had begun, however many others were cancelled before it', async () => {
  await putRuns(
    world,
    Array.from({ length: 1_000 }, () => cancelled('SCHEDULED')),
  )
  const begun = Array.from({ length: 30 }, () => cancelled('RUNNING'))
  await putRuns(world, begun)
  for (const { id } of begun) await taskIn(id)
  expect([await cancelSubflows(world), await cancelSubflows(world)]).toEqual([30, 0])
})

it('comes to a run that was cancelled hours before the first sweep of its process', async () => {
  const begun = cancelled('RUNNING')
  await putRuns(world, [begun])
  const task = await taskIn(begun.id)
  world.clock.pass(3 * 3_600)
  // What is remembered is remembered by table.
  await cancelSubflows({ ...world, table: { ...world.table } })
  expect((await getTaskRun(world.table, task.id))?.state.type).toBe('CANCELLED')
})

it('goes on where time ran out, though what it can not cancel stands in front', async () => {
  world.clock.pass(3_600)
  const begun = Array.from({ length: 120 }, () => cancelled('RUNNING'))
  await putRuns(world, begun)
  const last = begun.at(-1)?.id ?? ''
  const task = await taskIn(last)
  const slow = withInterceptor(world, async ({ name, input }, go) => {
    const key = (input as { ExpressionAttributeValues?: Record<string, { S?: string }> }).ExpressionAttributeValues
    const listed = Object.values(key ?? {}).find(({ S }) => S?.startsWith('tasks#'))?.S
    if (name !== 'dynamodb QueryCommand' || !listed || listed.includes(last)) return await go()
    world.clock.pass(1)
    throw new Error('no answer')
  })
  for (let tick = 0; tick < 5; tick += 1) {
    const now = world.clock.now()
    await cancelSubflows(slow, now + 40 * 1_000_000)
    world.clock.pass(20)
  }
  expect((await getTaskRun(world.table, task.id))?.state.type).toBe('CANCELLED')
})

it("leaves a run alone that has the id of a subflow, and is someone else's", async () => {
  const parent = cancelled('RUNNING')
  await putRuns(world, [parent])
  const task = await taskIn(parent.id)
  const child = (parentTaskRunId: string | null) =>
    aRun({ id: asRunId(world.ids.uuid()), poolId: null, queueId: null, details: someDetails({ parentTaskRunId }) })
  const [own, other] = [child(task.id), child(null)]
  await createRun(world.table, own)
  await createRun(world.table, other)
  await saveTaskRun(world.table, task, { ...task, childIds: [own.id, other.id] })
  await cancelSubflows(world)
  expect((await readRun(world, own.id)).state.type).toBe('CANCELLED')
  expect((await readRun(world, other.id)).state.type).toBe('SCHEDULED')
})

it('visits a run again for minutes after its end, for what its process starts late', async () => {
  const parent = cancelled('RUNNING')
  await putRuns(world, [parent])
  await cancelSubflows(world)
  world.clock.pass(14 * 60)
  const task = await taskIn(parent.id)
  expect(await cancelSubflows(world)).toBeGreaterThan(0)
  expect((await getTaskRun(world.table, task.id))?.state.type).toBe('CANCELLED')
})

it('leaves what has ended as it is, and a task run to the subflow that it stands for', async () => {
  const parent = cancelled('RUNNING')
  await putRuns(world, [parent])
  const [ended, standing] = [await taskIn(parent.id, '1'), await taskIn(parent.id, '2')]
  await setTaskRunState(world, ended.id, { type: 'COMPLETED' }, { force: true })
  const child = (state: StateType) =>
    runIn(state, {
      id: asRunId(world.ids.uuid()),
      ...nowhere,
      details: someDetails({ parentTaskRunId: standing.id }),
    })
  const [over, stopping] = [child('COMPLETED'), child('CANCELLING')]
  await putRuns(world, [over, stopping])
  await saveTaskRun(world.table, standing, { ...standing, childIds: [over.id, stopping.id] })
  expect(await cancelSubflows(world)).toBe(0)
  const typeOf = async (id: string) => (await getTaskRun(world.table, id))?.state.type
  expect([await typeOf(ended.id), await typeOf(standing.id)]).toEqual(['COMPLETED', standing.state.type])
  expect((await readRun(world, over.id)).state.type).toBe('COMPLETED')
  expect((await readRun(world, stopping.id)).stateSequence).toBe(stopping.stateSequence)
})

it('comes first to what no sweep has visited, whatever of the others time does not suffice for', async () => {
  const { world: own } = await openMemoryStage()
  const end = () =>
    advance(runIn('RUNNING', { ...nowhere, id: asRunId(own.ids.uuid()) }), newState('CANCELLED', own.clock.now()))
  let batches = -Infinity
  const slow = withInterceptor(own, async ({ name }, go) => {
    if (name === 'dynamodb BatchGetItemCommand' && ++batches > 1) own.clock.pass(3)
    return await go()
  })
  const old = Array.from({ length: 250 }, end)
  await putRuns(own, old)
  await cancelSubflows(slow)
  const fresh = end()
  await putRuns(own, [fresh])
  const request = { taskKey: 'k', dynamicKey: '0', tags: [], policy: {}, details: aTaskRun().details }
  const start = async (flowRunId: string) => (await createTaskRun(own, { ...request, flowRunId })).task.id
  const [first, last] = [await start(fresh.id), await start(old.at(-1)?.id ?? '')]
  const typeOf = async (id: string) => (await getTaskRun(own.table, id))?.state.type
  const before = await typeOf(last)
  batches = 0
  expect(await cancelSubflows(slow, own.clock.now() + 5_000_000)).toBe(1)
  expect([await typeOf(first), await typeOf(last)]).toEqual(['CANCELLED', before])
  expect([await cancelSubflows(own), await typeOf(last)]).toEqual([1, 'CANCELLED'])
})
