import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { expirePauses } from '#shared/engine/sweep/expire-pauses.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { runKey } from '#shared/storage/dynamo/table.ts'
import { startProcess, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { laggingIndex } from '../../support/faults/lagging-index.ts'
import { withPagesOf } from '../../support/faults/small-pages.ts'
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
import { putRuns } from '../../support/fixtures/many-runs.ts'
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

describe('a run that is paused and holds nothing', () => {
  const suspend = async (seconds: number) => {
    const flow = await commandDeployment(world, { ...push, name: 'suspended', entrypoint: 'flow.py:main' })
    const [run] = await createRuns(world, flow, 1)
    await dispatchPool(world, push.pool.id, NO_DEADLINE)
    await setState(world, run?.id ?? '', { type: 'RUNNING' })
    const details = { pauseReschedule: true, pauseTimeout: inSeconds(world, seconds) }
    await setState(world, run?.id ?? '', { type: 'PAUSED', name: 'Suspended', details })
    return run?.id ?? ''
  }
  const typeOf = async (runId: string) => (await readRun(world, runId)).state.type

  it('fails once its time is up, with the others of its kind, however few a page holds', async () => {
    const [one, two, three] = [await suspend(10), await suspend(10), await suspend(10)]
    const later = await suspend(90)
    world.clock.pass(11)
    world.logged.splice(0)
    const { deps, trace } = startProcess(world)
    expect(await expirePauses(withPagesOf(deps, 1), world.clock.now())).toBe(0)
    expect(trace).toEqual(['dynamodb QueryCommand'])
    expect(await expirePauses(withPagesOf(world, 1))).toBe(3)
    expect(await Promise.all([one, two, three, later].map(typeOf))).toEqual(['FAILED', 'FAILED', 'FAILED', 'PAUSED'])
    const fields = { runId: one, from: 'Suspended', to: 'Failed' }
    expect(world.logged).toContainEqual({ level: 'info', message: 'flow run entered a state', fields })
    expect(await expirePauses(world)).toBe(0)
    world.clock.pass(90)
    expect(await expirePauses(world)).toBe(1)
  })

  it.each<[string, (runId: string) => Promise<unknown>]>([
    ['was resumed', (runId) => setState(world, runId, { type: 'SCHEDULED' }, { force: true })],
    ['was deleted', (runId) => deleteItem(world.table, runKey(runId))],
    [
      'was paused for longer',
      async (runId) => {
        const run = await readRun(world, runId)
        const details = { ...run.state.details, pauseTimeout: inSeconds(world, 600) }
        await putRuns(world, [{ ...run, state: { ...run.state, details } }])
      },
    ],
  ])('is left alone when it %s, though the index still shows it', async (_what, act) => {
    const runId = await suspend(10)
    const index = laggingIndex(world.table)
    await index.catchUp()
    await act(runId)
    world.clock.pass(11)
    expect(await expirePauses(withInterceptor(world, index.intercept))).toBe(0)
    world.clock.pass(600)
    await expirePauses(world)
  })

  it('is none of those that failed when it is resumed at this very moment', async () => {
    const runId = await suspend(10)
    world.clock.pass(11)
    const crossed = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb PutItemCommand') {
        const run = await readRun(world, runId)
        await putRuns(world, [{ ...run, revision: run.revision + 1 }])
      }
      return await go()
    })
    expect([await expirePauses(crossed), await typeOf(runId)]).toEqual([0, 'PAUSED'])
    expect(await expirePauses(world)).toBe(1)
  })
})
