import { beforeEach, expect, it } from 'vitest'
import { SignsOfLife } from '#shared/engine/flow-run/signs-of-life.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getUptime } from '#shared/storage/service/get-uptime.ts'
import { putUptime } from '#shared/storage/service/put-uptime.ts'
import { createTaskRun } from '#shared/storage/task-run/create-task-run.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aClaim, POOL_ID, RUN_ID, runIn, T0 } from '../../support/fixtures/a-run.ts'
import { aTaskRun, TASK_RUN_ID } from '../../support/fixtures/a-task-run.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

/** A pool that wants to know every three minutes, so that calls are written down once in one. */
const MINUTES = 3

let world: World
let signs: SignsOfLife
let at: Instant
const calls: string[] = []
stageForEachTest((stage) => {
  world = stage.world
})
beforeEach(() => {
  at = T0
  calls.length = 0
  const clock = { now: () => at }
  const deps = withInterceptor({ ...world, clock }, async ({ name }, go) => {
    calls.push(name.replace('dynamodb ', '').replace('Command', ''))
    return await go()
  })
  signs = new SignsOfLife(deps)
})

const wants = (pools: Record<string, { minutes: number; from: Instant }>) =>
  putUptime(world.table, { since: T0, at: T0, pools }, undefined)
const wanted = () => wants({ [POOL_ID]: { minutes: MINUTES, from: T0 } })
const clientRun = (change: Partial<FlowRun> = {}) =>
  runIn('RUNNING', { claim: aClaim({ by: { kind: 'client', name: null } }), ...change })
/** Makes that run, and has the settings read. */
async function noteFor(run: FlowRun): Promise<void> {
  await wanted()
  await createRun(world.table, run)
  await signs.areWanted()
  calls.length = 0
}
const note = (change: object = {}) => signs.note({ runIds: [RUN_ID], taskRunIds: [], ...change })
const seen = async () => (await readRun(world, RUN_ID)).claim?.seen

it('are wanted once a pool asks for them, which is read every fifteen seconds', async () => {
  expect(await signs.areWanted()).toBe(false)
  await wanted()
  at = addSeconds(T0, 14)
  expect(await signs.areWanted()).toBe(false)
  expect(calls).toHaveLength(1)
  at = addSeconds(T0, 15)
  expect(await signs.areWanted()).toBe(true)
  expect(calls).toHaveLength(2)
})

it('are not wanted when no pool asks for them any more', async () => {
  await wants({})
  expect(await signs.areWanted()).toBe(false)
})

it('are written down by the new time of a pool once that was shortened', async () => {
  await noteFor(clientRun())
  await note()
  at = addSeconds(T0, 21)
  const before = await getUptime(world.table)
  await putUptime(world.table, { since: T0, at, pools: { [POOL_ID]: { minutes: 1, from: at } } }, before)
  expect(await signs.areWanted()).toBe(true)
  await note()
  expect(await seen()).toBe(at)
})

it('are written down once in a third of the time of the pool', async () => {
  await noteFor(clientRun())
  await note()
  expect(await seen()).toBe(T0)
  expect(calls).toEqual(['Query', 'UpdateItem'])
  at = addSeconds(T0, 59)
  await note()
  expect(calls).toHaveLength(2)
  at = addSeconds(T0, 60)
  await note()
  expect(await seen()).toBe(at)
})

it('that another process has written down are read, and written again when that is over', async () => {
  await noteFor(clientRun({ claim: aClaim({ by: { kind: 'client', name: null }, seen: addSeconds(T0, -30) }) }))
  await note()
  expect(calls).toEqual(['Query'])
  at = addSeconds(T0, 29)
  await note()
  expect(calls).toEqual(['Query'])
  at = addSeconds(T0, 30)
  await note()
  expect(await seen()).toBe(at)
})

it('count for the run of a task run', async () => {
  await noteFor(clientRun())
  await createTaskRun(world.table, aTaskRun())
  await createTaskRun(world.table, aTaskRun({ id: `${TASK_RUN_ID.slice(0, -1)}1`, flowRunId: null, flowRunLife: null }))
  await note({ runIds: [], taskRunIds: [TASK_RUN_ID, `${TASK_RUN_ID.slice(0, -1)}1`] })
  expect(await seen()).toBe(T0)
})

it('of a process whose claim is over do not count, and keep none of a later one from counting', async () => {
  await noteFor(clientRun({ generation: 2 }))
  await note({ fence: { generation: 1 } })
  expect(await seen()).toBeUndefined()
  await note({ fence: { generation: 2 } })
  expect(await seen()).toBe(T0)
})

it.each([
  ['that is gone', undefined],
  ['in no pool', { poolId: null }],
  ['in a pool that does not ask', { poolId: '55555555-5555-5555-8555-555555555555' }],
  ['that the dispatcher holds', { claim: aClaim() }],
  ['that no one holds', { claim: null }],
])('of a run %s need nothing but a read in fifteen seconds', async (_what, change) => {
  await noteFor(clientRun(change ?? {}))
  const other = { runIds: ['0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f9999'] }
  const noteIt = () => note(change ? {} : other)
  await noteIt()
  at = addSeconds(T0, 14)
  await noteIt()
  expect(calls).toEqual(['Query'])
  at = addSeconds(T0, 15)
  await noteIt()
  expect(calls).toEqual(['Query', 'Query'])
  expect(await seen()).toBeUndefined()
})
