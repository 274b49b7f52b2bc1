import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CAPACITY_BACKOFF_SECONDS, LAUNCH_GRACE_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { openEcsBench } from '../support/ecs/ecs.ts'
import type { Trouble } from '../support/ecs/ecs-server.ts'
import { createRuns, NO_DEADLINE, pushPool, readLimit, readRun } from '../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let pools = 0
/** One due run, and the engine over the real adapter. */
async function openLaunch() {
  pools += 1
  const bench = await openEcsBench()
  const deps: Deps = { ...world, tasks: bench.tasks }
  const { pool, deployment } = await pushPool(deps, {
    name: `push-${pools}`,
    jobVariables: { command: ['true'], image: 'busybox' },
  })
  const [run] = await createRuns(deps, deployment, 1)
  const runId = run?.id ?? ''
  const dispatch = () => dispatchPool(deps, pool.id, NO_DEADLINE)
  return { ...bench, deps, pool, dispatch, read: () => readRun(deps, runId) }
}

describe('a launch on ECS', () => {
  it.each<[string, Trouble[]]>([
    ['whose responses are lost', ['lost-answer', 'lost-answer']],
    ['with an empty response from ECS', [{ answer: { tasks: [], failures: [] } }]],
    [
      'during an outage',
      [
        { error: 'ServerException', status: 500 },
        { error: 'ServerException', status: 503 },
      ],
    ],
    ['that is throttled throughout', Array.from({ length: 20 }, () => ({ error: 'ThrottlingException' }))],
  ])('%s keeps its claim, and the sweep makes sure that one ECS task runs', async (_, troubles) => {
    const { server, deps, dispatch, read } = await openLaunch()
    server.trouble('RunTask', ...troubles)
    await dispatch()
    expect(await read()).toMatchObject({ generation: 1, launch: null, state: { type: 'PENDING' } })
    server.calm()
    world.clock.pass(LAUNCH_GRACE_SECONDS + 1)
    await sweep(deps)
    const { launch, generation } = await read()
    expect(generation).toBe(1)
    expect([...server.tasks.keys()]).toEqual([launch?.taskArn])
  })

  it('without capacity returns the run to the line, and releases its slots', async () => {
    const { server, deps, pool, dispatch, read } = await openLaunch()
    server.trouble('RunTask', { answer: { tasks: [], failures: [{ reason: 'RESOURCE:CPU' }] } })
    await dispatch()
    expect(await read()).toMatchObject({ claim: null, state: { type: 'SCHEDULED', name: 'AwaitingCapacity' } })
    expect((await readLimit(deps, poolLimit(pool.id))).active).toBe(0)
  })

  it('without quota waits on, however often it was refused, and starts once there is some', async () => {
    const { server, deps, dispatch, read } = await openLaunch()
    const run = await read()
    await saveRun(deps.table, run, { ...run, launchRefusals: 1_000 })
    const reason = 'The requested CPU configuration is above your limit'
    server.trouble('RunTask', { answer: { tasks: [], failures: [{ reason }] } })
    await dispatch()
    const waiting = await read()
    expect(waiting.state).toMatchObject({ type: 'SCHEDULED', name: 'AwaitingCapacity' })
    expect(waiting.state.message).toBe(`ECS started no task: ${reason}. Retrying in ${CAPACITY_BACKOFF_SECONDS.max} s.`)
    world.clock.pass(CAPACITY_BACKOFF_SECONDS.max)
    // Any write moves a run that has become due into its line.
    await saveRun(deps.table, waiting, { ...waiting, updated: deps.clock.now() })
    await dispatch()
    expect(await read()).toMatchObject({ generation: 2, state: { type: 'PENDING' } })
    expect(server.tasks.size).toBe(1)
  })

  it("that ECS rejects ends the run with ECS's message", async () => {
    const { server, dispatch, read } = await openLaunch()
    server.trouble('RunTask', { error: 'InvalidParameterException', message: 'Invalid CPU or memory value specified' })
    await dispatch()
    const { state } = await read()
    expect(state).toMatchObject({ type: 'CRASHED' })
    expect(state.message).toContain('InvalidParameterException (Invalid CPU or memory value specified)')
  })
})
