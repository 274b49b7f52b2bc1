import type { GetItemCommandInput, QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { EcsTask } from '#shared/ecs-task/ecs-task.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { createDispatcher } from '../../functions/dispatcher/handler.ts'
import { createTaskEvents } from '../../functions/task-events/handler.ts'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { answerLost, withInterceptor } from '../support/faults/faulty-calls.ts'
import {
  commandDeployment,
  createRuns,
  inSeconds,
  type PushPool,
  pushPool,
  readRun,
} from '../support/fixtures/fixtures.ts'
import { doubleLaunches, ledgerProblems, orphanTasks, takeSnapshot } from '../support/invariants.ts'
import { sqsEvent, taskEventBody, tickEvent, wakeUpBody } from '../support/lambda-events.ts'
import { seeds } from '../support/seeds.ts'
import { openStage, passAndTick, type Stage, settle } from '../support/stage.ts'

let engine: DynamoDbEngine
let stage: Stage
let push: PushPool
beforeAll(async () => {
  engine = await startDynoxide()
})
beforeEach(async () => {
  stage = await openStage(engine)
  push = await pushPool(stage.deps, { queueLimit: 4 })
})
afterEach(() => stage.close())
afterAll(() => engine.stop())

const LEASE_SECONDS = 16 * 60

async function problems(): Promise<string[]> {
  const snapshot = await takeSnapshot(stage.deps.table)
  return [...ledgerProblems(snapshot), ...doubleLaunches(stage.ecs), ...orphanTasks(snapshot, stage.ecs)]
}

async function states(): Promise<Record<string, number>> {
  const { runs } = await takeSnapshot(stage.deps.table)
  return Object.fromEntries([...Map.groupBy(runs, (run) => run.state.type)].map(([type, some]) => [type, some.length]))
}

const hear = (tasks: readonly EcsTask[]) => createTaskEvents(stage.deps)(sqsEvent(tasks.map(taskEventBody)))
const wake = (pools: readonly PushPool[]) =>
  createDispatcher(stage.deps)(sqsEvent(pools.map(({ pool }) => wakeUpBody({ poolId: pool.id, reason: 'created' }))))

/** Starts what the limits allow; returns all changes of the ECS tasks up to their end. */
async function startAndEnd(): Promise<EcsTask[]> {
  await wake([push])
  stage.world.clock.pass(30)
  stage.ecs.pass()
  stage.world.sent.splice(0)
  return stage.ecs.takeNews()
}

function shuffled<T>(items: readonly T[]): T[] {
  const { ids } = stage.world
  return items
    .map((item) => [ids.random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item)
}

async function oneRun(): Promise<FlowRun> {
  const [run] = await createRuns(stage.deps, push.deployment, 1)
  if (!run) throw new Error('no run')
  return run
}

it.each(seeds(4))('seed %i: events delivered three times in any order change nothing in the end', async (seed) => {
  stage.close()
  stage = await openStage(engine, seed)
  push = await pushPool(stage.deps, { queueLimit: 4 })
  stage.ecs.script = ({ name }) => ({ startsAfterSeconds: 2, runsForSeconds: 10, exitCode: name.length % 2 })
  const runs = await createRuns(stage.deps, push.deployment, 12)
  for (let batch = 0; batch < 3; batch += 1) {
    const news = await startAndEnd()
    expect(news).toHaveLength(4 * 3)
    const { batchItemFailures } = await hear(shuffled([...news, ...news, ...news]))
    expect(batchItemFailures).toEqual([])
    expect(await problems()).toEqual([])
  }
  const failed = runs.filter((run) => run.details.name.length % 2 === 1).length
  expect(await states()).toEqual({ ...(failed && { FAILED: failed }), ...(failed < 12 && { COMPLETED: 12 - failed }) })
})

it('events of the same runs applied concurrently end each run once', async () => {
  await createRuns(stage.deps, push.deployment, 4)
  const news = await startAndEnd()
  const answers = await Promise.all(Array.from({ length: 6 }, () => hear(shuffled(news))))
  expect(answers.flatMap(({ batchItemFailures }) => batchItemFailures)).toEqual([])
  expect(await problems()).toEqual([])
  const { runs } = await takeSnapshot(stage.deps.table)
  for (const { history } of runs) expect(history.filter(({ type }) => isTerminal(type))).toHaveLength(1)
})

it('none of the events applied at the same moment is lost', async () => {
  const many = await pushPool(stage.deps, { name: 'many' })
  await createRuns(stage.deps, many.deployment, 20)
  await wake([many])
  stage.ecs.pass()
  await Promise.all(stage.ecs.takeNews().map((task) => hear([task])))
  expect(await states()).toEqual({ COMPLETED: 20 })
  expect(await problems()).toEqual([])
})

it('with every event and wake-up lost, two sweeps after the lease learn everything from ECS', async () => {
  stage.ecs.script = ({ name }) => ({ startsAfterSeconds: 2, runsForSeconds: name.length % 2 === 0 ? 60 : null })
  const runs = await createRuns(stage.deps, push.deployment, 4)
  await wake([push])
  for (const seconds of [LEASE_SECONDS, 60]) {
    await passAndTick(stage, seconds)
    stage.ecs.takeNews()
    stage.world.sent.splice(0)
  }
  const endless = runs.filter((run) => run.details.name.length % 2 === 1).length
  const ended = 4 - endless
  expect(await states()).toEqual({ ...(ended && { COMPLETED: ended }), ...(endless && { RUNNING: endless }) })
  expect(await problems()).toEqual([])
})

it('events a day late leave the runs as the sweep left them', async () => {
  await createRuns(stage.deps, push.deployment, 4)
  const news = await startAndEnd()
  await passAndTick(stage, LEASE_SECONDS)
  const before = await takeSnapshot(stage.deps.table)
  expect(before.runs.map((run) => run.state.type)).toEqual(Array(4).fill('COMPLETED'))
  stage.world.clock.pass(24 * 3_600)
  await hear(shuffled(news))
  expect((await takeSnapshot(stage.deps.table)).runs).toEqual(before.runs)
})

it('events of an old generation change nothing, and its ECS task is stopped if it still runs', async () => {
  // A flow, since a command's end is accepted only from its ECS task.
  const { pool, queueId } = push
  const flow = await commandDeployment(stage.deps, {
    pool,
    queueId,
    name: 'flow',
    jobVariables: {},
    entrypoint: 'f.py:f',
  })
  const [run] = await createRuns(stage.deps, flow, 1)
  if (!run) throw new Error('no run')
  stage.ecs.script = () => ({ runsForSeconds: null })
  await wake([push])
  stage.ecs.pass()
  const old = stage.ecs.takeNews()
  // An operator gives up on the first try and retries the run, while its container still exists.
  await setState(stage.deps, run.id, { type: 'CRASHED' })
  await setState(stage.deps, run.id, { type: 'SCHEDULED' })
  stage.ecs.refuse = () => new Error('503 Service Unavailable')
  await wake([push])
  const second = await readRun(stage.deps, run.id)
  expect(second).toMatchObject({ generation: 2, state: { type: 'PENDING' }, launch: null })
  await hear(old)
  const report = await setState(stage.deps, run.id, { type: 'RUNNING' }, { fence: { generation: 1 } })
  expect(report).toMatchObject({ verdict: { status: 'ABORT' }, wrote: false })
  expect(stage.ecs.started.map((task) => task.stopAskedAt !== null)).toEqual([true])
  stage.ecs.pass()
  const ends = stage.ecs.takeNews().filter((task) => task.startedBy?.endsWith('/1'))
  expect(ends.map((task) => task.lastStatus)).toEqual(['STOPPED'])
  await hear(ends)
  const { refusedWrites, revision, ...rest } = await readRun(stage.deps, run.id)
  expect({ ...second, ...rest }).toEqual(second)
  // The refused report is on record, and nothing else was written.
  expect(refusedWrites).toMatchObject({ count: 1, last: [{ generation: 1, what: 'set_state' }] })
  expect(revision).toBe(second.revision + 1)
  expect(await problems()).toEqual([])
})

const TASK = JSON.stringify({ source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail: { taskArn: 'arn' } })
const FOREIGN = { taskArn: 'arn', lastStatus: 'RUNNING', version: 3 }
const asEvent = (detail: unknown) =>
  JSON.stringify({ source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail })

it.each([
  ['nothing', ''],
  ['no JSON', '{"source":'],
  ['null', 'null'],
  ['a list', '[]'],
  ['an empty object', '{}'],
  ['another source', TASK.replace('aws.ecs', 'aws.ec2')],
  ['another kind of event', TASK.replace('Task State', 'Deployment State')],
  ['no status', TASK],
  ['a number for an ARN', asEvent({ ...FOREIGN, taskArn: 7 })],
  ['a string for containers', asEvent({ ...FOREIGN, containers: 'main' })],
  ['a foreign task', asEvent(FOREIGN)],
  ["a service's task", asEvent({ ...FOREIGN, startedBy: 'ecs-svc/1234567890' })],
  ['a startedBy that is almost ours', asEvent({ ...FOREIGN, startedBy: `${'0'.repeat(36)}/1/../2` })],
  ['control characters', asEvent({ ...FOREIGN, startedBy: 'a\u0000\r\nb' })],
  ['deep nesting', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
])('an event with %s is dropped, and the others in its batch are applied', async (_what, body) => {
  const run = await oneRun()
  const news = await startAndEnd()
  const event = sqsEvent([body, ...news.map(taskEventBody), body])
  expect(await createTaskEvents(stage.deps)(event)).toEqual({ batchItemFailures: [] })
  expect((await readRun(stage.deps, run.id)).state.type).toBe('COMPLETED')
})

it.each([
  ['nothing', ''],
  ['no JSON', 'poolId=1'],
  ['null', 'null'],
  ['no pool', '{"reason":"created"}'],
  ['a number for a pool', '{"poolId":1}'],
  ['a deleted pool', '{"poolId":"7b7f3c0a-52d2-4a6c-b1f0-a3a7d9f1c5e2"}'],
])('a wake-up with %s is dropped, and the others in its batch wake their pools', async (_what, body) => {
  const run = await oneRun()
  const event = sqsEvent([body, wakeUpBody({ poolId: push.pool.id, reason: 'created' })])
  expect(await createDispatcher(stage.deps)(event)).toEqual({ batchItemFailures: [] })
  expect((await readRun(stage.deps, run.id)).launch?.taskArn).toBeTruthy()
})

it('of a batch of events, only the one that could not be applied is redelivered', async () => {
  const runs = await createRuns(stage.deps, push.deployment, 4)
  const news = await startAndEnd()
  const victim = runs[1]?.id ?? ''
  const faulty = withInterceptor(stage.deps, async ({ name, input }, go) => {
    if (
      name === 'dynamodb QueryCommand' &&
      JSON.stringify((input as QueryCommandInput).ExpressionAttributeValues).includes(victim)
    ) {
      throw answerLost(name)
    }
    return await go()
  })
  const ends = news.filter((task) => task.lastStatus === 'STOPPED')
  const event = sqsEvent(ends.map(taskEventBody))
  const { batchItemFailures } = await createTaskEvents(faulty)(event)
  const failed = event.Records.filter((record) => record.body.includes(victim))
  expect(batchItemFailures).toEqual(failed.map(({ messageId }) => ({ itemIdentifier: messageId })))
  expect(await states()).toEqual({ COMPLETED: 3, PENDING: 1 })
  await createTaskEvents(stage.deps)({ Records: failed })
  expect(await states()).toEqual({ COMPLETED: 4 })
})

it('of a batch of wake-ups, only those whose pool could not be dispatched are redelivered', async () => {
  const other = await pushPool(stage.deps, { name: 'other' })
  for (const { deployment } of [push, other]) await createRuns(stage.deps, deployment, 2)
  const faulty = withInterceptor(stage.deps, async ({ name, input }, go) => {
    if (
      name === 'dynamodb GetItemCommand' &&
      JSON.stringify((input as GetItemCommandInput).Key).includes(push.pool.id)
    ) {
      throw answerLost(name)
    }
    return await go()
  })
  const event = sqsEvent([push, other, push].map(({ pool }) => wakeUpBody({ poolId: pool.id, reason: 'created' })))
  const { batchItemFailures } = await createDispatcher(faulty)(event)
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(
    [event.Records[0], event.Records[2]].map((record) => record?.messageId),
  )
  expect(stage.world.logged).toContainEqual({
    level: 'error',
    message: 'pool not dispatched',
    fields: {
      poolId: push.pool.id,
      reason: expect.stringContaining('GetItemCommand') as string,
      stack: expect.stringMatching(/\n +at .*\.ts:\d+:\d+/) as string,
    },
  })
  expect(stage.ecs.started).toHaveLength(2)
})

it('wake-ups delivered ten times at once start nothing twice', async () => {
  await createRuns(stage.deps, push.deployment, 8)
  await Promise.all(Array.from({ length: 10 }, () => wake([push])))
  expect(stage.ecs.started).toHaveLength(4)
  expect(await problems()).toEqual([])
})

it('with every wake-up lost, ticks alone start everything due, by the second tick at the latest', async () => {
  const { deps, ecs, world } = stage
  const limited = await commandDeployment(deps, {
    pool: push.pool,
    queueId: push.queueId,
    name: 'limited',
    concurrencyLimit: 1,
  })
  const dues = [0, 20, 59, 61, 100]
  for (const seconds of dues) await createRuns(deps, push.deployment, 1, inSeconds(deps, seconds))
  await createRuns(deps, limited, 3)
  for (let tick = 0; tick < 6; tick += 1) {
    await passAndTick(stage, 60)
    world.sent.splice(0)
    ecs.pass()
    await hear(ecs.takeNews())
    world.sent.splice(0)
  }
  expect(await states()).toEqual({ COMPLETED: dues.length + 3 })
  const { runs } = await takeSnapshot(deps.table)
  const free = runs.filter((run) => run.deploymentId === push.deployment.id)
  const waits = free.map((run) => ((run.startTime ?? Infinity) - run.expectedStartTime) / 1_000_000)
  expect(Math.max(...waits)).toBeLessThan(2 * 60)
})

it('a tick dispatches, whatever else the schedule sends', async () => {
  await createRuns(stage.deps, push.deployment, 1)
  expect(await createDispatcher(stage.deps)(tickEvent(stage.world.clock.now()))).toEqual({ batchItemFailures: [] })
  await settle(stage)
  expect(await states()).toEqual({ COMPLETED: 1 })
})
