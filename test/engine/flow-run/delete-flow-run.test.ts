import { afterAll, beforeAll, expect, it } from 'vitest'
import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import { createRunInput } from '#shared/engine/flow-run/create-run-input.ts'
import { deleteFlowRun } from '#shared/engine/flow-run/delete-flow-run.ts'
import { listLogs } from '#shared/engine/log/list-logs.ts'
import { writeLogs } from '#shared/engine/log/write-logs.ts'
import { finishDeletions } from '#shared/engine/sweep/finish-deletions.ts'
import { createTaskRun } from '#shared/engine/task-run/create-task-run.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { newState } from '#shared/flow-run/state.ts'
import { listDeletions } from '#shared/storage/deletion/list-deletions.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRunRef } from '#shared/storage/flow-run/get-lives.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { getRunInput } from '#shared/storage/flow-run/list-run-inputs.ts'
import { listLogs as storedLogs } from '#shared/storage/log/list-logs.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { FAULTS, ProcessDied, startProcess, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun, someDetails, T0 } from '../../support/fixtures/a-run.ts'
import { aTaskRun } from '../../support/fixtures/a-task-run.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** Creates a run that has ended, with large details, in a new life of its id. */
async function endedRun(id: string) {
  const parameters = { text: 'x'.repeat(1_000) }
  const run = aRun({
    id,
    life: world.ids.life(),
    state: newState('COMPLETED', T0),
    poolId: null,
    queueId: null,
    details: someDetails({ parameters }),
  })
  expect(await createRun(world.table, run)).toBe(true)
  return run
}

/** Gives a run a log line, an input and a task run. */
async function belongings(id: string, text: string) {
  const { details } = aTaskRun()
  const line = { runId: id, taskRunId: null, name: 'n', level: 20, message: text, timestamp: T0 }
  await writeLogs(world, [line])
  await createRunInput(world, { runId: id, key: 'a', value: text, sender: null })
  const keys = { flowRunId: id, taskKey: 'k', dynamicKey: '0' }
  return (await createTaskRun(world, { ...keys, tags: [], policy: {}, details })).task
}

const logsOf = async (id: string) => {
  const query = { filter: { flow_run_id: { any_: [id] } }, sort: 'TIMESTAMP_ASC', offset: 0, limit: 10 } as const
  return (await listLogs(world, query)).map(({ message }) => message)
}
const inputOf = async (id: string) => {
  const run = await getRunRef(world.table, id)
  return run && (await getRunInput(world.table, run, 'a'))?.value
}
const later = async () => {
  world.clock.pass(60)
  await finishDeletions(world)
}

it.each(FAULTS)('a deletion hit by "%s" at any of its calls is finished by the sweep', async (fault) => {
  for (let at = 0; ; at += 1) {
    const run = await endedRun(asRunId(world.ids.uuid()))
    const task = await belongings(run.id, 'old')
    const process = startProcess(world, { at, fault })
    await deleteFlowRun(process.deps, run.id).catch(() => undefined)
    await process.idle()
    if (await getRun(world.table, run.id)) await deleteFlowRun(world, run.id)
    await later()
    expect(await getTaskRun(world.table, task.id)).toBeUndefined()
    expect(await getRunInput(world.table, run, 'a')).toBeUndefined()
    expect((await storedLogs(world.table, { run, descending: false }).next()).done).toBe(true)
    if (!process.struck()) break
  }
  world.clock.pass(INDEX_LAG_SECONDS_MAX)
  await finishDeletions(world)
  expect(await listDeletions(world.table, 10, () => true)).toEqual([])
})

it('nothing of a run is found in the next life of its id, and the late end of its deletion takes nothing from that', async () => {
  const id = asRunId(world.ids.uuid())
  await endedRun(id)
  const old = await belongings(id, 'old')
  // All that comes after the removal of the run itself is cut off.
  const dying = startProcess(world, { at: 2, fault: 'dies before' })
  await expect(deleteFlowRun(dying.deps, id)).rejects.toThrow(ProcessDied)
  const next = await endedRun(id)
  expect(await logsOf(id)).toEqual([])
  expect(await inputOf(id)).toBeUndefined()
  const task = await belongings(id, 'new')
  expect(task.id).not.toBe(old.id)
  await later()
  expect(await logsOf(id)).toEqual(['new'])
  expect(await inputOf(id)).toBe('new')
  expect(await getTaskRun(world.table, task.id)).toMatchObject({ flowRunLife: next.life })
  expect(await getTaskRun(world.table, old.id)).toBeUndefined()
})

it('a deletion overtaken by another one and a new run of the id deletes nothing of that run', async () => {
  // From the second call on: the first one finds the run that is meant.
  for (let at = 1, stalled = true; stalled; at += 1) {
    const id = asRunId(world.ids.uuid())
    await endedRun(id)
    await belongings(id, 'old')
    let struck = false
    const overtaken = withInterceptor(world, async ({ index }, go) => {
      if (index === at && !struck) {
        struck = true
        await deleteFlowRun(world, id).catch(() => undefined)
        await endedRun(id).catch(() => undefined)
        await belongings(id, 'new')
      }
      return await go()
    })
    await deleteFlowRun(overtaken, id).catch(() => undefined)
    stalled = struck
    expect([await logsOf(id), await inputOf(id)]).toEqual(struck ? [['new'], 'new'] : [[], undefined])
  }
})

it('lines for a run that was deleted are dropped and counted', async () => {
  const before = world.counted.get('LogLinesWithoutRun') ?? 0
  const runId = asRunId(world.ids.uuid())
  await writeLogs(world, [{ runId, taskRunId: null, name: 'n', level: 20, message: 'late', timestamp: T0 }])
  expect(world.counted.get('LogLinesWithoutRun')).toBe(before + 1)
  expect(await logsOf(runId)).toEqual([])
})
