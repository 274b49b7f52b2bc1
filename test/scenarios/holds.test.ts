import { expect, it } from 'vitest'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { deploymentLimit, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import {
  commandDeployment,
  createRuns,
  inSeconds,
  NO_DEADLINE,
  pushPool,
  readLimit,
  readRun,
} from '../support/fixtures/fixtures.ts'
import { miscount } from '../support/fixtures/miscount.ts'
import { passAndTick, type Stage, settle } from '../support/stage.ts'
import { stageForEachTest } from '../support/stage-for-each-test.ts'

/** Holds that nothing reports the end of. */
let stage: Stage
stageForEachTest((opened) => {
  stage = opened
})

/** A flow that runs in a push pool and pauses there, its process waiting. */
async function pausedFlow(pauseTimeout?: number) {
  const { deps, ecs } = stage
  const push = await pushPool(deps, { queueLimit: 1 })
  const flow = await commandDeployment(deps, { ...push, name: 'flow', entrypoint: 'flow.py:main' })
  ecs.script = () => ({ runsForSeconds: null })
  const [run] = await createRuns(deps, flow, 1)
  if (!run) throw new Error('no run')
  await dispatchPool(deps, push.pool.id, NO_DEADLINE)
  ecs.pass()
  await setState(deps, run.id, { type: 'RUNNING' })
  await setState(deps, run.id, { type: 'PAUSED', details: { pauseTimeout } })
  return { runId: run.id, slots: () => readLimit(deps, queueLimit(push.queueId)) }
}

it('a flow that dies while it is paused frees its slots, although the news of it is lost', async () => {
  const { ecs, deps } = stage
  const { runId, slots } = await pausedFlow()
  const [task] = ecs.started
  await ecs.stop(task?.news.taskArn ?? '', 'its host is gone')
  ecs.pass()
  ecs.takeNews()
  await passAndTick(stage, 60)
  expect(await slots()).toMatchObject({ active: 1 })
  await passAndTick(stage, 6 * 3_600)
  expect((await readRun(deps, runId)).state.type).toBe('CRASHED')
  expect(await slots()).toMatchObject({ active: 0 })
})

it('a pause that times out fails the run, stops its task and frees its slots', async () => {
  const { ecs, deps } = stage
  const { runId, slots } = await pausedFlow(inSeconds(stage.deps, 300))
  await passAndTick(stage, 301)
  expect((await readRun(deps, runId)).state).toMatchObject({
    type: 'FAILED',
    message: 'The flow was paused and never resumed.',
  })
  expect(ecs.started[0]?.stopReason).toBe('The flow was paused and never resumed.')
  expect(await slots()).toMatchObject({ active: 0 })
})

it('a long pause is written to four times a day', async () => {
  const { runId } = await pausedFlow()
  const { revision } = await readRun(stage.deps, runId)
  for (let hour = 0; hour < 24; hour += 1) await passAndTick(stage, 3_600)
  expect((await readRun(stage.deps, runId)).revision - revision).toBeLessThanOrEqual(4)
})

it('a launch that ECS never answers holds its slot for ten minutes a time, and crashes its run in the end', async () => {
  const { ecs, deps, world } = stage
  const { queueId, deployment } = await pushPool(deps, { queueLimit: 1 })
  const [run] = await createRuns(deps, deployment, 1)
  if (!run) throw new Error('no run')
  let calls = 0
  ecs.refuse = () => {
    calls += 1
    return new Error('503 Service Unavailable')
  }
  let minutes = 0
  for (; minutes < 60 && (await readRun(deps, run.id)).state.type !== 'CRASHED'; minutes += 1)
    await passAndTick(stage, 60)
  expect(minutes).toBeLessThan(45)
  const crashed = await readRun(deps, run.id)
  expect(crashed.state.message).toBe(`ECS never answered the launch of this run: ${calls} calls in 3 generations.`)
  expect(crashed.launchRefusals).toBe(0)
  expect(await readLimit(deps, queueLimit(queueId))).toMatchObject({ active: 0 })
  // One of those calls did start a task, as shows much later.
  const ghost = await startGhost(crashed.generation, run.id, crashed.life)
  await applyEcsTask(deps, ghost)
  expect(ecs.started[0]?.stopReason).toBe('The flow run no longer belongs to this task.')
  expect(world.counted.get('OrphansStopped')).toBe(1)
})

async function startGhost(generation: number, id: string, life: string) {
  const { ecs } = stage
  ecs.refuse = () => undefined
  const startedBy = `${id}/${life}/${generation}`
  await ecs.run({ token: 'ghost', startedBy } as Parameters<typeof ecs.run>[0])
  const [task] = ecs.started
  if (!task) throw new Error('no task')
  return { ...task.news, lastStatus: 'RUNNING', version: 2 }
}

it('an answer begins the count of unanswered launches anew', async () => {
  const { ecs, deps } = stage
  const { deployment } = await pushPool(deps)
  const [run] = await createRuns(deps, deployment, 1)
  ecs.script = () => ({ runsForSeconds: null })
  ecs.refuse = () => new Error('503 Service Unavailable')
  for (let minute = 0; minute < 3; minute += 1) await passAndTick(stage, 60)
  expect((await readRun(deps, run?.id ?? '')).unanswered).toMatchObject({ generations: 1 })
  ecs.refuse = () => undefined
  for (let minute = 0; minute < 4; minute += 1) await passAndTick(stage, 60)
  expect(await readRun(deps, run?.id ?? '')).toMatchObject({
    generation: 1,
    launch: { taskArn: ecs.started[0]?.news.taskArn },
  })
  expect((await readRun(deps, run?.id ?? '')).unanswered).toBeUndefined()
})

it.each([1, -1])("a deployment's limit that is off by %i is corrected, wherever its runs are held", async (off) => {
  const { ecs, deps } = stage
  const one = await pushPool(deps, { name: 'one' })
  const two = await pushPool(deps, { name: 'two' })
  ecs.script = () => ({ runsForSeconds: null })
  const limited = await commandDeployment(deps, { ...one, name: 'limited', concurrencyLimit: 5 })
  await createRuns(deps, limited, 2)
  await updateDeployment(deps, limited.id, { poolName: two.pool.name, queueName: 'work' })
  await createRuns(deps, limited, 1)
  await passAndTick(stage, 60)
  expect(await readLimit(deps, poolLimit(two.pool.id))).toMatchObject({ active: 1 })
  const key = deploymentLimit(limited.id)
  for (let tick = 0; tick < 5; tick += 1) await passAndTick(stage, 60)
  expect(await readLimit(deps, key)).toMatchObject({ active: 3 })
  await miscount(deps.table, key, off)
  for (let tick = 0; tick < 5; tick += 1) await passAndTick(stage, 60)
  expect(await readLimit(deps, key)).toMatchObject({ active: 3 })
})

it('a time limit of more than a quarter of an hour is kept to the minute', async () => {
  const { ecs, deps } = stage
  const jobVariables = { command: ['sleep'], timeout_seconds: 40 * 60 }
  const { deployment } = await pushPool(deps, { jobVariables })
  ecs.script = () => ({ runsForSeconds: null })
  const [run] = await createRuns(deps, deployment, 1)
  await passAndTick(stage, 1)
  await settle(stage)
  for (let minute = 0; minute < 39; minute += 1) await passAndTick(stage, 60)
  expect(ecs.started[0]?.stopReason).toBe(null)
  for (let minute = 0; minute < 3; minute += 1) await passAndTick(stage, 60)
  await settle(stage)
  expect((await readRun(deps, run?.id ?? '')).state).toMatchObject({ type: 'FAILED', name: 'TimedOut' })
})

it.each(['RUNNING', 'CANCELLING'] as const)(
  'a run %s whose task ECS forgot holds its slot for as long as the task may live, and then ends',
  async (type) => {
    const { ecs, deps } = stage
    const { queueId, deployment } = await pushPool(deps, { queueLimit: 1 })
    ecs.script = () => ({ runsForSeconds: null, stopsWithinSeconds: null })
    const [run] = await createRuns(deps, deployment, 1)
    await passAndTick(stage, 1)
    await settle(stage)
    if (type === 'CANCELLING') await setState(deps, run?.id ?? '', { type })
    ecs.hides = () => true
    for (let minute = 0; minute < 50; minute += 1) await passAndTick(stage, 60)
    expect(await readLimit(deps, queueLimit(queueId))).toMatchObject({ active: 1 })
    for (let minute = 0; minute < 30; minute += 1) await passAndTick(stage, 60)
    const ended = type === 'RUNNING' ? 'CRASHED' : 'CANCELLED'
    expect(await readRun(deps, run?.id ?? '')).toMatchObject({ state: { type: ended }, claim: null })
    expect(await readLimit(deps, queueLimit(queueId))).toMatchObject({ active: 0 })
  },
)
