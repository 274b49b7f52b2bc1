import { expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { deleteFlowRun } from '#shared/engine/flow-run/delete-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { updateFlowRun } from '#shared/engine/flow-run/update-flow-run.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { createRuns, type PushPool, readLimit, readRun } from '../../support/fixtures/fixtures.ts'
import { type PushWork, pushForEachTest } from '../../support/push-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
let flow: Deployment
let launched: PushWork['launched']
pushForEachTest((work) => {
  ;({ world, push, flow, launched } = work)
})

/** The run changes at the moment when what its task became is written, the first n times. */
const crossed = (runId: string, n: number) => {
  const tries = { count: 0 }
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (!/Put|Transact/.test(name)) return await go()
    tries.count += 1
    if (tries.count <= n) await updateFlowRun(world, runId, { details: { tags: [`${tries.count}`] }, policy: {} })
    return await go()
  })
  return { deps, tries }
}

it('a task that was started by another service is not ours to judge', async () => {
  const { arn } = await launched()
  expect(await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING', { startedBy: 'someone else' }))).toBe('foreign')
  expect(world.tasks.stopped).toEqual([])
})

it('what a task has become is stored once, and logged', async () => {
  const { runId, arn } = await launched()
  const running = world.tasks.becomes(arn, 'RUNNING')
  expect([await applyEcsTask(world, running), await applyEcsTask(world, running)]).toEqual(['stored', 'ignored'])
  const fields = { runId, taskArn: arn, lastStatus: 'RUNNING', from: 'Pending', to: 'Running' }
  expect(world.logged.filter(({ message }) => message === 'task event applied')).toMatchObject([{ fields }])
})

it('is decided again when another write comes first, but not for ever', async () => {
  const { runId, arn } = await launched()
  const running = world.tasks.becomes(arn, 'RUNNING')
  const always = crossed(runId, Infinity)
  await expect(applyEcsTask(always.deps, running)).rejects.toThrow(`run ${runId} is being modified concurrently`)
  expect(always.tries.count).toBe(10)
  const once = crossed(runId, 1)
  expect(await applyEcsTask(once.deps, running)).toBe('stored')
  expect(await readRun(world, runId)).toMatchObject({ state: { type: 'RUNNING' }, details: { tags: ['1'] } })
})

it('a task without a run is stopped, counted and logged', async () => {
  const { runId, arn } = await launched(flow)
  await setState(world, runId, { type: 'CRASHED' })
  await deleteFlowRun(world, runId)
  world.tasks.stopped.splice(0)
  expect(await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))).toBe('stopped')
  expect(world.tasks.stopped).toEqual([{ taskArn: arn, reason: 'The flow run has been deleted.' }])
  expect(world.counted.get('OrphansStopped')).toBe(1)
  expect(world.logged.at(-1)).toMatchObject({ level: 'warn', message: 'stopping an orphaned task', fields: { runId } })
})

it('a task of an earlier claim of its run is stopped with the reason, and changes nothing', async () => {
  const { runId, arn } = await launched(flow)
  await setState(world, runId, { type: 'CRASHED' }, { force: true })
  await setState(world, runId, { type: 'SCHEDULED' }, { force: true })
  world.tasks.stopped.splice(0)
  const before = await readRun(world, runId)
  expect(await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))).toBe('stopped')
  expect(world.tasks.stopped).toMatchObject([{ taskArn: arn, reason: expect.stringMatching(/./) as string }])
  expect(await readRun(world, runId)).toEqual(before)
  expect(parseStartedBy((await world.tasks.describe([arn]))[0]?.startedBy ?? '')?.generation).toBe(1)
})

it('the end of a task gives back the slots of its run, which lets another one start', async () => {
  const { arn } = await launched()
  await createRuns(world, push.deployment, 1)
  expect(await readLimit(world, queueLimit(push.queueId))).toMatchObject({ active: 1 })
  await applyEcsTask(world, world.tasks.exits(arn, 0))
  expect(await readLimit(world, queueLimit(push.queueId))).toMatchObject({ active: 0 })
})
