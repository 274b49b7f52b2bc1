import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseStartedBy, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { createRuns, NO_DEADLINE, type PushPool, pushPool, readLimit, readRun } from '../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let push: PushPool
beforeAll(async () => {
  world = await openWorld()
  push = await pushPool(world, { queueLimit: 2 })
})
afterAll(() => world.close())

const stateOf = async (runId: string) => (await readRun(world, runId)).state

it('a push run goes from created to completed, holding its slots only while active', async () => {
  const [run] = await createRuns(world, push.deployment, 1)
  if (!run) throw new Error('no run')
  expect(world.sent.at(-1)).toMatchObject({ poolId: push.pool.id, delaySeconds: 0 })
  const counts = await dispatchPool(world, push.pool.id, NO_DEADLINE)
  expect(counts).toMatchObject({ claimed: 1, launched: 1 })
  const launched = await readRun(world, run.id)
  expect(launched.state.type).toBe('PENDING')
  expect(launched.generation).toBe(1)
  expect((await readLimit(world, queueLimit(push.queueId))).active).toBe(1)
  expect(world.tasks.started.at(-1)).toMatchObject({ command: ['true'], startedBy: startedByOf(launched) })

  const arn = launched.launch?.taskArn ?? ''
  await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))
  expect((await stateOf(run.id)).type).toBe('RUNNING')
  await applyEcsTask(world, world.tasks.exits(arn, 0))
  const ended = await readRun(world, run.id)
  expect(ended.state).toMatchObject({ type: 'COMPLETED', name: 'Completed' })
  expect(ended.history.map((state) => state.type)).toEqual(['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED'])
  for (const key of [poolLimit(push.pool.id), queueLimit(push.queueId)]) {
    expect(await readLimit(world, key)).toMatchObject({ active: 0 })
  }
  expect((await readLimit(world, queueLimit(push.queueId))).available).toBe(2)
})

it('no more runs are launched than the queue allows, and a release makes room for the next', async () => {
  const runs = await createRuns(world, push.deployment, 5)
  await dispatchPool(world, push.pool.id, NO_DEADLINE)
  const states = await Promise.all(runs.map((run) => stateOf(run.id)))
  expect(states.map((state) => state.type)).toEqual(['PENDING', 'PENDING', 'SCHEDULED', 'SCHEDULED', 'SCHEDULED'])
  const counts = await dispatchPool(world, push.pool.id, NO_DEADLINE)
  expect(counts.waits[0]).toMatchObject({ reason: 'full', limit: queueLimit(push.queueId) })
  for (let i = 0; i < runs.length; i += 1) {
    for (const run of runs) {
      const { launch, state } = await readRun(world, run.id)
      if (state.type === 'PENDING' && launch?.taskArn) await applyEcsTask(world, world.tasks.exits(launch.taskArn, 3))
    }
    await dispatchPool(world, push.pool.id, NO_DEADLINE)
  }
  const ends = await Promise.all(runs.map((run) => stateOf(run.id)))
  expect(ends.map((state) => state.type)).toEqual(Array(5).fill('FAILED'))
  expect(ends[0]?.message).toBe('The command exited with code 3.')
})

it('cancelling stops the ECS task, and the slots stay held until it has stopped', async () => {
  const [run] = await createRuns(world, push.deployment, 1)
  if (!run) throw new Error('no run')
  await dispatchPool(world, push.pool.id, NO_DEADLINE)
  const { launch } = await readRun(world, run.id)
  const arn = launch?.taskArn ?? ''
  await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))
  await setState(world, run.id, { type: 'CANCELLING' })
  expect(world.tasks.stopped.at(-1)?.taskArn).toBe(arn)
  expect((await readLimit(world, queueLimit(push.queueId))).active).toBe(1)
  await applyEcsTask(world, world.tasks.exits(arn, 143, { stopCode: 'UserInitiated' }))
  expect((await stateOf(run.id)).type).toBe('CANCELLED')
  expect((await readLimit(world, queueLimit(push.queueId))).active).toBe(0)
})

it('a launch whose response was lost is repeated by the sweep under the same token', async () => {
  world.tasks.nextOutcome = () => {
    world.tasks.nextOutcome = () => undefined
    return new Error('socket hang up')
  }
  const [run] = await createRuns(world, push.deployment, 1)
  if (!run) throw new Error('no run')
  await dispatchPool(world, push.pool.id, NO_DEADLINE)
  expect((await readRun(world, run.id)).launch).toBeNull()
  world.clock.pass(70)
  const before = world.tasks.started.length
  expect(await sweep(world)).toMatchObject({ lostLaunches: 1 })
  expect(world.tasks.started.length).toBe(before + 1)
  const { launch, generation } = await readRun(world, run.id)
  expect(parseStartedBy(world.tasks.started.at(-1)?.startedBy ?? '')).toMatchObject({ id: run.id, generation })
  await applyEcsTask(world, world.tasks.exits(launch?.taskArn ?? '', 0))
  expect((await stateOf(run.id)).type).toBe('COMPLETED')
})

it('a run past its time limit is stopped and ends as TimedOut', async () => {
  const timed = await pushPool(world, { name: 'timed', jobVariables: { command: 'sleep 100', timeout_seconds: 5 } })
  const [run] = await createRuns(world, timed.deployment, 1)
  if (!run) throw new Error('no run')
  await dispatchPool(world, timed.pool.id, NO_DEADLINE)
  const arn = (await readRun(world, run.id)).launch?.taskArn ?? ''
  await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))
  await dispatchPool(world, timed.pool.id, NO_DEADLINE)
  expect(world.sent.at(-1)).toMatchObject({ poolId: timed.pool.id, reason: 'due', delaySeconds: 5 })
  world.clock.pass(6)
  await dispatchPool(world, timed.pool.id, NO_DEADLINE)
  expect(world.tasks.stopped.at(-1)?.taskArn).toBe(arn)
  await applyEcsTask(world, world.tasks.exits(arn, 137, { stopCode: 'UserInitiated' }))
  expect(await stateOf(run.id)).toMatchObject({ type: 'FAILED', name: 'TimedOut' })
})
