import { beforeEach, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { assertFlowRunClaim } from '#shared/engine/fence/assert-flow-run-claim.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { idFromName } from '#shared/ids.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { createTaskRun } from '#shared/storage/task-run/create-task-run.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { runIn } from '../../support/fixtures/a-run.ts'
import { aTaskRun } from '../../support/fixtures/a-task-run.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let run: FlowRun
const calls: string[] = []
/** The world, whose calls are noted; writes of runs fail where `fail` is set. */
let deps: Deps
let fail = false
stageForEachTest((stage) => {
  world = stage.world
})
beforeEach(async () => {
  run = runIn('SCHEDULED', { generation: 2 })
  await createRun(world.table, run)
  await createTaskRun(world.table, aTaskRun())
  calls.length = 0
  fail = false
  deps = withInterceptor(world, async ({ name }, go) => {
    calls.push(name)
    if (fail && name === 'dynamodb PutItemCommand') throw new Error('no writes today')
    return await go()
  })
})

const ended = { generation: 1 }
const task = { taskRunId: aTaskRun().id }

it('a write of a task run under a claim that is over is refused, counted and written down', async () => {
  await expect(assertFlowRunClaim(deps, task, ended)).rejects.toMatchObject({ code: 'stale_generation' })
  await expect(assertFlowRunClaim(deps, { flowRunId: run.id }, ended)).rejects.toThrow('in generation 2, not 1')
  expect(world.counted.get('WritesFenced')).toBe(2)
  const { count, last } = (await readRun(world, run.id)).refusedWrites
  expect(count).toBe(1)
  expect(last).toMatchObject([{ generation: 1, what: 'task_run' }])
  const warned = world.logged.filter(({ message }) => message === 'write under an old claim refused')
  expect(warned).toMatchObject([{ level: 'warn', fields: { runId: run.id, generation: 1, what: 'task_run' } }])
})

it('one that is known already costs no write, and keeps what is known', async () => {
  await expect(assertFlowRunClaim(deps, task, ended)).rejects.toThrow('in generation 2, not 1')
  const { revision } = await readRun(world, run.id)
  await expect(assertFlowRunClaim(deps, task, ended)).rejects.toThrow('in generation 2, not 1')
  expect(await readRun(world, run.id)).toMatchObject({ revision, refusedWrites: { count: 1 } })
})

it('is refused all the same when that can not be written down, which is logged', async () => {
  fail = true
  await expect(assertFlowRunClaim(deps, task, ended)).rejects.toMatchObject({ code: 'stale_generation' })
  const warned = world.logged.filter(({ message }) => message === 'refused write not recorded')
  expect(warned).toMatchObject([{ level: 'warn', fields: { runId: run.id } }])
})

it('without a claim that is on the flow run, no read of the run is made', async () => {
  await assertFlowRunClaim(deps, task, undefined)
  expect(calls).toEqual([])
  await assertFlowRunClaim(deps, { flowRunId: null }, ended)
  expect(calls).toEqual([])
  await assertFlowRunClaim(deps, { flowRunId: run.id }, { runId: idFromName('another'), generation: 1 })
  expect(calls).toEqual([])
})

it('a task run or flow run that is gone is left to whoever writes it', async () => {
  await assertFlowRunClaim(deps, { taskRunId: idFromName('none') }, ended)
  await assertFlowRunClaim(deps, { flowRunId: idFromName('none') }, ended)
  expect(world.counted.get('WritesFenced')).toBeUndefined()
})
