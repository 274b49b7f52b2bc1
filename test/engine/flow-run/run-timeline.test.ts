import { afterAll, beforeAll, expect, it } from 'vitest'
import { startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { api } from '../../support/api.ts'
import {
  commandDeployment,
  createRuns,
  NO_DEADLINE,
  pushPool,
  readLimit,
  readRun,
} from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let names = 0
/** A waiting run of a flow in a push pool of its own. */
async function flowRun() {
  names += 1
  const { pool, queueId } = await pushPool(world, { name: `timeline-${names}`, poolLimit: 1, queueLimit: 1 })
  const options = { pool, queueId, jobVariables: {}, entrypoint: 'f.py:f' }
  const deployment = await commandDeployment(world, options)
  const [run] = await createRuns(world, deployment, 1)
  if (!run) throw new Error('no run')
  const read = () => readRun(world, run.id)
  const dispatch = () => dispatchPool(world, pool.id, NO_DEADLINE)
  const held = async () => [
    (await readLimit(world, poolLimit(pool.id))).active,
    (await readLimit(world, queueLimit(queueId))).active,
  ]
  return { run, deployment, read, dispatch, held }
}
const arnOf = ({ launch }: FlowRun) => launch?.taskArn ?? ''
const refuseOnce = () => {
  world.tasks.nextOutcome = () => {
    world.tasks.nextOutcome = () => undefined
    return { kind: 'refused', reasons: [{ reason: 'RESOURCE:MEMORY', detail: null }] }
  }
}

it('each state says who wrote it, in which generation, and with which key', async () => {
  const { deployment, dispatch, read } = await flowRun()
  await setState(world, (await read()).id, { type: 'CANCELLED' })
  const keyId = 'a'.repeat(18)
  const closed = api({ ...world, settings: { ...world.settings, requireKeys: true } })
  const authorizer = { scope: 'operate', keyId }
  const { body } = await closed.post(`/deployments/${deployment.id}/create_flow_run`, {}, { authorizer })
  await dispatch()
  const claimed = await readRun(world, body.id)
  const headers = { 'x-pushpool-generation': startedByOf(claimed) }
  const report = (type: string, options: object) =>
    closed.post(`/flow_runs/${body.id}/set_state`, { state: { type } }, { authorizer, ...options })
  await report('RUNNING', { headers })
  await report('CANCELLING', {})
  await applyEcsTask(world, world.tasks.exits(arnOf(claimed), 143))
  const { history } = await readRun(world, body.id)
  expect(history.map(({ type, by }) => [type, by?.kind, by?.generation, by?.keyId])).toEqual([
    ['SCHEDULED', 'client', 0, keyId],
    ['PENDING', 'service', 1, null],
    ['PENDING', 'service', 1, null],
    ['RUNNING', 'claimant', 1, keyId],
    ['CANCELLING', 'client', 1, keyId],
    ['CANCELLED', 'ecs', 1, null],
  ])
})

it('attempts are kept with their times, also those of earlier generations', async () => {
  const { run, dispatch, read } = await flowRun()
  await dispatch()
  const first = await read()
  const launchedAt = first.launch?.launchedAt
  expect(launchedAt).toBeGreaterThanOrEqual(first.claim?.at ?? Number.NaN)
  await setState(world, run.id, { type: 'RUNNING' })
  await applyEcsTask(world, world.tasks.exits(arnOf(first), 137, { startedAt: world.clock.now() }))
  const { launch } = await read()
  const times = { launchedAt, stopCode: 'EssentialContainerExited', exitCode: 137 }
  expect(launch).toMatchObject({ ...times, createdAt: expect.any(Number), startedAt: expect.any(Number) })
  await setState(world, run.id, { type: 'SCHEDULED', message: 'again' })
  await dispatch()
  const second = await read()
  expect(second.launch?.taskArn).not.toBe(launch?.taskArn)
  const { taskVersion: _, ...told } = launch ?? { taskVersion: 0 }
  expect(second.pastLaunches).toEqual([{ ...told, generation: 1, reason: 'again' }])
})

it('a run that ECS has no capacity for gives its slots back, whatever its policy says of retries', async () => {
  const { run, dispatch, read, held } = await flowRun()
  await saveRun(world.table, run, { ...run, policy: { ...run.policy, retryType: 'in_process' } })
  refuseOnce()
  await dispatch()
  expect(await read()).toMatchObject({ state: { name: 'AwaitingCapacity' }, claim: null, generation: 1 })
  expect(await held()).toEqual([0, 0])
  world.clock.pass(3600)
  await dispatch()
  expect(await read()).toMatchObject({ state: { type: 'PENDING' }, generation: 2 })
})

it('a process that dies while it waits for its own retry takes the run with it, and the slots come back', async () => {
  const { run, dispatch, read, held } = await flowRun()
  await dispatch()
  await setState(world, run.id, { type: 'RUNNING' })
  const running = await read()
  await saveRun(world.table, running, { ...running, policy: { ...running.policy, retries: 1, retryDelay: 600 } })
  await setState(world, run.id, { type: 'FAILED' })
  expect(await read()).toMatchObject({ state: { name: 'AwaitingRetry' }, policy: { retryType: 'in_process' } })
  expect(await held()).toEqual([1, 1])
  await applyEcsTask(world, world.tasks.exits(arnOf(running), 137))
  expect(await read()).toMatchObject({ state: { type: 'CRASHED' }, claim: null, policy: { retryType: null } })
  expect(await held()).toEqual([0, 0])
})
