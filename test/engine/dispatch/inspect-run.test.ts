import { expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { inspectLostLaunches } from '#shared/engine/dispatch/inspect-leases.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { updateWorkPool } from '#shared/engine/work-pool/update-work-pool.ts'
import { secondsBetween } from '#shared/instant.ts'
import { ecsTemplate } from '../../support/ecs/ecs-template.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { createRuns, inSeconds, NO_DEADLINE, type PushPool, readRun } from '../../support/fixtures/fixtures.ts'
import { inspectRun } from '../../support/inspect-run.ts'
import { takeSnapshot } from '../../support/invariants.ts'
import { type PushWork, pushForEachTest } from '../../support/push-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
let flow: Deployment
let dispatch: PushWork['dispatch']
let launched: PushWork['launched']
let unlaunched: PushWork['unlaunched']
const jobVariables = { command: ['sleep'], timeout_seconds: 1_200 }
pushForEachTest((work) => {
  ;({ world, push, flow, dispatch, launched, unlaunched } = work)
}, jobVariables)

const leaseSeconds = async (runId: string) => {
  const { claim } = await readRun(world, runId)
  return Math.round(secondsBetween(world.clock.now(), claim?.leaseUntil ?? 0))
}
const failing = (what: string): Deps =>
  withInterceptor(world, async ({ name }, go) => {
    if (name === what) throw new Error('503 Service Unavailable')
    return await go()
  })

it('learns from ECS what no event told: that a task runs, and how it ended', async () => {
  const { runId, arn } = await launched()
  world.tasks.becomes(arn, 'RUNNING')
  world.clock.pass(901)
  await inspectRun(world, runId)
  expect((await readRun(world, runId)).state.type).toBe('RUNNING')
  expect(await leaseSeconds(runId)).toBe(900)
  world.tasks.exits(arn, 0)
  world.clock.pass(301)
  expect(await inspectRun(world, runId)).toBe('settled')
  expect(await readRun(world, runId)).toMatchObject({ state: { type: 'COMPLETED' }, claim: null })
})

it('writes the lease alone where nothing has changed', async () => {
  const { runId, arn } = await launched()
  await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))
  world.clock.pass(901)
  const { revision } = await readRun(world, runId)
  await inspectRun(world, runId)
  expect((await readRun(world, runId)).revision).toBe(revision + 1)
  // It is out of time after 1,200 seconds.
  expect(await leaseSeconds(runId)).toBe(299)
})

it('finds the task of a launch whose answer was lost, and leaves it its time to start', async () => {
  const [run] = await createRuns(world, push.deployment, 1)
  const lossy = withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name === 'tasks run') throw new Error('no answer')
    return answer
  })
  await dispatch(lossy)
  world.clock.pass(100)
  expect(await inspectRun(world, run?.id ?? '')).toBe('settled')
  expect((await readRun(world, run?.id ?? '')).launch?.taskArn).toMatch(/^arn:/)
  expect(await leaseSeconds(run?.id ?? '')).toBe(800)
})

it('looks at a paused process from time to time, and when its pause is over', async () => {
  const { runId, arn } = await launched(flow)
  await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))
  await setState(world, runId, { type: 'RUNNING' })
  await setState(world, runId, { type: 'PAUSED', details: { pauseTimeout: inSeconds(world, 7 * 3_600) } })
  expect(await leaseSeconds(runId)).toBe(6 * 3_600)
  world.clock.pass(6 * 3_600 + 1)
  await inspectRun(world, runId)
  expect(await leaseSeconds(runId)).toBe(3_599)
  const endless = await launched(flow)
  await applyEcsTask(world, world.tasks.becomes(endless.arn, 'RUNNING'))
  await setState(world, endless.runId, { type: 'RUNNING' })
  await setState(world, endless.runId, { type: 'PAUSED' })
  world.clock.pass(6 * 3_600 + 1)
  await inspectRun(world, endless.runId)
  expect(await leaseSeconds(endless.runId)).toBe(6 * 3_600)
})

it('stops a task whose time is up or that was cancelled, again and again, but not at every moment', async () => {
  const { runId, arn } = await launched()
  await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))
  world.clock.pass(1_201)
  expect(await inspectRun(world, runId)).toBe('stopping')
  expect(await leaseSeconds(runId)).toBe(60)
  const other = await launched(flow)
  await setState(world, other.runId, { type: 'CANCELLING' })
  world.tasks.stopped.splice(0)
  world.clock.pass(61)
  expect(await inspectRun(world, other.runId)).toBe('stopping')
  expect(world.tasks.stopped.map(({ taskArn }) => taskArn)).toEqual([other.arn])
  expect(await leaseSeconds(other.runId)).toBe(60)
})

it('also where ECS can not be asked, and then waits longer each time', async () => {
  const { runId, arn } = await launched(flow)
  await setState(world, runId, { type: 'CANCELLING' })
  world.tasks.stopped.splice(0)
  const deps = failing('tasks describe')
  const leases: number[] = []
  for (let look = 0; look < 3; look += 1) {
    world.clock.pass(1_801)
    await inspectRun(deps, runId)
    leases.push(await leaseSeconds(runId))
  }
  expect(leases).toEqual([120, 240, 480])
  expect(world.tasks.stopped.map(({ taskArn }) => taskArn)).toEqual([arn, arn, arn])
})

it('repeats a lost launch, and applies at once how its task has ended', async () => {
  const runId = await unlaunched()
  world.clock.pass(60)
  expect(await inspectRun(world, runId)).toBe('relaunched')
  expect((await readRun(world, runId)).launch).toMatchObject({ attempt: 1 })
  const again = await unlaunched()
  const lost = withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name === 'tasks run') world.tasks.exits((answer as { taskArn: string }).taskArn, 0)
    return answer
  })
  world.clock.pass(60)
  await inspectRun(lost, again)
  expect((await readRun(world, again)).state.type).toBe('COMPLETED')
})

it("repeats it by the template of the run's pool", async () => {
  await updateWorkPool(world, push.pool.name, { baseJobTemplate: ecsTemplate({ env: { MODE: 'pool' } }) }, {})
  const runId = await unlaunched()
  world.clock.pass(60)
  await inspectRun(world, runId)
  expect(world.tasks.started.at(-1)).toMatchObject({ runId, env: { MODE: 'pool' } })
})

it('leaves a launch that ECS throttles for two minutes', async () => {
  const runId = await unlaunched()
  world.tasks.nextOutcome = () => ({ kind: 'throttled' })
  world.clock.pass(60)
  await inspectRun(world, runId)
  expect(await readRun(world, runId)).toMatchObject({ state: { type: 'PENDING' }, launch: null })
  expect(await leaseSeconds(runId)).toBe(120)
})

it('asks an ECS that is down for some of many launches, and puts off the others', async () => {
  await unlaunched(60)
  world.clock.pass(60)
  const running = { calls: 0 }
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (name !== 'tasks run') return await go()
    running.calls += 1
    throw new Error('503 Service Unavailable')
  })
  await inspectLostLaunches(deps, push.pool.id, { deadline: NO_DEADLINE })
  expect(running.calls).toBeGreaterThanOrEqual(25)
  expect(running.calls).toBeLessThan(50)
  const { runs } = await takeSnapshot(world.table)
  const putOff = runs.filter((run) => run.poolId === push.pool.id && run.claim?.missed === 1)
  expect(putOff).toHaveLength(60 - running.calls)
})

it('a hold that ends by its pause frees its slot, and wakes the pool for others', async () => {
  const { runId, arn } = await launched(flow)
  await setState(world, runId, { type: 'RUNNING' })
  await setState(world, runId, { type: 'PAUSED', details: { pauseTimeout: inSeconds(world, 60) } })
  world.clock.pass(61)
  world.sent.splice(0)
  expect(await inspectRun(world, runId)).toBe('settled')
  expect(world.sent).toEqual([{ poolId: push.pool.id, reason: 'released', delaySeconds: 0 }])
  expect(world.tasks.stopped).toEqual([{ taskArn: arn, reason: 'The flow was paused and never resumed.' }])
})
