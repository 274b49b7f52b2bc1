import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import {
  commandDeployment,
  createRuns,
  inSeconds,
  NO_DEADLINE,
  type PushPool,
  pushPool,
  readLimit,
  readRun,
} from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let push: PushPool
beforeAll(async () => {
  world = await openWorld()
  push = await pushPool(world, { queueLimit: 5 })
})
afterAll(() => world.close())

/** A flow that runs in the pool and is paused, its process waiting, for this long at most. */
async function pausedFlow(seconds: number): Promise<string> {
  const flow = await commandDeployment(world, { ...push, name: 'flow', entrypoint: 'flow.py:main' })
  const [run] = await createRuns(world, flow, 1)
  if (!run) throw new Error('no run')
  await dispatchPool(world, push.pool.id, NO_DEADLINE)
  await setState(world, run.id, { type: 'RUNNING' })
  await setState(world, run.id, { type: 'PAUSED', details: { pauseTimeout: inSeconds(world, seconds) } })
  return run.id
}
/** How many runs a sweep inspects, of which those here are paused. */
const sweepPauses = async (deps: Deps = world) => (await sweep(deps)).inspected
const end = async (runId: string) => {
  const { launch } = await readRun(world, runId)
  if (launch?.taskArn) await applyEcsTask(world, world.tasks.exits(launch.taskArn, 0))
}

it('a pause that times out fails the run, and releases its slots', async () => {
  const runId = await pausedFlow(30)
  expect(await sweepPauses()).toBe(0)
  world.clock.pass(31)
  expect(await sweepPauses()).toBe(1)
  expect((await readRun(world, runId)).state).toMatchObject({
    type: 'FAILED',
    message: 'The flow was paused and never resumed.',
  })
  expect(await readLimit(world, queueLimit(push.queueId))).toMatchObject({ active: 0 })
  expect(await sweepPauses()).toBe(0)
})

it('a run resumed at the last moment is left alone', async () => {
  const runId = await pausedFlow(30)
  world.clock.pass(29)
  await setState(world, runId, { type: 'RUNNING' })
  await setState(world, runId, { type: 'PAUSED', details: { pauseTimeout: inSeconds(world, 2) } })
  world.clock.pass(3)
  // The run is resumed after the list of pauses has been read.
  const late = withInterceptor(world, async ({ name, input }, go) => {
    const answer = await go()
    const listed = name === 'dynamodb QueryCommand' && (input as { IndexName?: string }).IndexName === 'phase'
    if (listed) await setState(world, runId, { type: 'RUNNING' }, { force: true })
    return answer
  })
  expect(await sweepPauses(late)).toBe(0)
  expect((await readRun(world, runId)).state.type).toBe('RUNNING')
  await end(runId)
})
