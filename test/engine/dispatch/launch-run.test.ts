import { describe, expect, it } from 'vitest'
import { RELAUNCH_SECONDS } from '#shared/bounds.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps, RunTaskOutcome } from '#shared/deps.ts'
import { parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { deleteFlowRun } from '#shared/engine/flow-run/delete-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { updateFlowRun } from '#shared/engine/flow-run/update-flow-run.ts'
import { createVariable } from '#shared/engine/variable/create-variable.ts'
import { updateWorkPool } from '#shared/engine/work-pool/update-work-pool.ts'
import { ORPHANED } from '#shared/flow-run/messages.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { ecsTemplate } from '../../support/ecs/ecs-template.ts'
import { answerLost, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { createRuns, type PushPool, readLimit, readRun } from '../../support/fixtures/fixtures.ts'
import { inspectRun } from '../../support/inspect-run.ts'
import { type PushWork, pushForEachTest, slowAfterClaim } from '../../support/push-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
let flow: Deployment
let dispatch: PushWork['dispatch']
pushForEachTest((work) => {
  ;({ world, push, flow, dispatch } = work)
})

const waiting = async () => {
  const [run] = await createRuns(world, flow, 1)
  if (!run) throw new Error('no run')
  return run.id
}
const stopped = () => world.tasks.stopped.map(({ taskArn }) => taskArn)
/** Something happens while ECS starts the task: its answer comes after that. */
const meanwhile = (act: () => Promise<unknown>) =>
  withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name === 'tasks run') await act()
    return answer
  })
/** The same key gives a run that is created again the same id. */
const keyed = { details: { idempotencyKey: 'one' }, state: { type: 'SCHEDULED' as const } }
/** The operator gives up on this try, and the run is claimed again; ECS does not answer that launch. */
async function claimAgain(runId: string) {
  await setState(world, runId, { type: 'CRASHED' }, { force: true })
  await setState(world, runId, { type: 'SCHEDULED' }, { force: true })
  world.tasks.nextOutcome = () => new Error('503 Service Unavailable')
  await dispatch()
}

it('a task whose run was claimed again by the time ECS answered is stopped, and not taken for the new one', async () => {
  const runId = await waiting()
  await dispatch(meanwhile(() => claimAgain(runId)))
  expect(world.tasks.started.map(({ startedBy }) => parseStartedBy(startedBy)?.generation)).toEqual([1])
  const run = await readRun(world, runId)
  expect(run).toMatchObject({ generation: 2, state: { type: 'PENDING' } })
  expect(run.launch?.taskArn ?? null).toBe(null)
  expect(stopped()).toHaveLength(1)
})

it('a task whose run was deleted, created again by its key, and claimed is stopped, and not taken for the new one', async () => {
  const create = () => createFlowRun(world, { ...keyed, flowId: flow.flowId, deploymentId: flow.id })
  const runId = (await create()).run.id
  const createAgain = async () => {
    await setState(world, runId, { type: 'CRASHED' }, { force: true })
    await deleteFlowRun(world, runId)
    await create()
    world.tasks.nextOutcome = () => new Error('503 Service Unavailable')
    await dispatch()
  }
  await dispatch(meanwhile(createAgain))
  const run = await readRun(world, runId)
  expect(run).toMatchObject({ generation: 1, state: { type: 'PENDING' } })
  expect(run.launch?.taskArn ?? null).toBe(null)
  expect(stopped()).toHaveLength(1)
})

it.each([
  ['deleted', (runId: string) => setState(world, runId, { type: 'CRASHED' }).then(() => deleteFlowRun(world, runId))],
  ['ended', (runId: string) => setState(world, runId, { type: 'CRASHED' })],
])('a task whose run was %s by the time ECS answered is stopped', async (_what, act) => {
  const runId = await waiting()
  expect(await dispatch(meanwhile(() => act(runId)))).toMatchObject({ launched: 0 })
  expect(stopped()).toHaveLength(1)
})

it('a run that is cancelled while ECS starts its task has the task stopped once it is known', async () => {
  const runId = await waiting()
  await dispatch(meanwhile(() => setState(world, runId, { type: 'CANCELLING' })))
  const { launch, state } = await readRun(world, runId)
  expect(state.type).toBe('CANCELLING')
  expect(stopped()).toEqual([launch?.taskArn])
})

it('the same where it is an event that makes the task known', async () => {
  const runId = await waiting()
  world.tasks.nextOutcome = () => new Error('503 Service Unavailable')
  await dispatch()
  await setState(world, runId, { type: 'CANCELLING' })
  expect(stopped()).toEqual([])
  const { id, life, generation } = await readRun(world, runId)
  world.tasks.nextOutcome = () => undefined
  const request = { token: runId, startedBy: `${id}/${life}/${generation}` } as Parameters<typeof world.tasks.run>[0]
  const outcome = await world.tasks.run(request)
  const taskArn = outcome.kind === 'started' ? outcome.taskArn : ''
  await applyEcsTask(world, world.tasks.becomes(taskArn, 'PENDING'))
  expect(stopped()).toEqual([taskArn])
  // What is known already is not stopped with each of its events.
  await applyEcsTask(world, world.tasks.becomes(taskArn, 'RUNNING'))
  expect(stopped()).toEqual([taskArn])
})

it('nothing is launched from a claim that is older than the dispatcher may take', async () => {
  const runId = await waiting()
  expect(await dispatch(slowAfterClaim(world))).toMatchObject({ claimed: 1, launched: 0 })
  expect(world.tasks.started).toEqual([])
  expect((await readRun(world, runId)).state.type).toBe('PENDING')
})

it('a run that is cancelled between its claim and its launch ends at once, and frees its slot', async () => {
  const runId = await waiting()
  const overtaken = withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name === 'dynamodb TransactWriteItemsCommand') await setState(world, runId, { type: 'CANCELLING' })
    return answer
  })
  expect(await dispatch(overtaken)).toMatchObject({ claimed: 1, launched: 0 })
  expect((await readRun(world, runId)).state.type).toBe('CANCELLED')
  expect(await readLimit(world, queueLimit(push.queueId))).toMatchObject({ active: 0 })
  expect(world.tasks.started).toEqual([])
})

it('a run whose task became known and that was cancelled before the dispatcher came to it ends with the task', async () => {
  const runId = await waiting()
  const overtaken = withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name !== 'dynamodb TransactWriteItemsCommand') return answer
    const { id, life, generation } = await readRun(world, runId)
    const startedBy = `${id}/${life}/${generation}`
    const outcome = await world.tasks.run({ token: startedBy, startedBy } as Parameters<typeof world.tasks.run>[0])
    if (outcome.kind === 'started') await applyEcsTask(world, world.tasks.becomes(outcome.taskArn, 'RUNNING'))
    await setState(world, runId, { type: 'CANCELLING' })
    return answer
  })
  await dispatch(overtaken)
  const { state, launch } = await readRun(world, runId)
  expect(state.type).toBe('CANCELLING')
  expect(stopped()).toEqual([launch?.taskArn])
})

const refuse = () => {
  world.tasks.nextOutcome = () => ({ kind: 'refused', reasons: [{ reason: 'RESOURCE:CPU', detail: null }] })
}

it('a refused launch frees the slot, and wakes the pool for others', async () => {
  const runId = await waiting()
  refuse()
  world.sent.splice(0)
  await dispatch()
  expect(world.sent).toContainEqual({ poolId: push.pool.id, reason: 'released', delaySeconds: 0 })
  expect((await readRun(world, runId)).state).toMatchObject({ type: 'SCHEDULED', name: 'AwaitingCapacity' })
  expect(await readLimit(world, queueLimit(push.queueId))).toMatchObject({ active: 0 })
})

it('a run that is cancelled while its launch is refused ends, and is not sent back to wait', async () => {
  const runId = await waiting()
  refuse()
  await dispatch(meanwhile(() => setState(world, runId, { type: 'CANCELLING' })))
  expect((await readRun(world, runId)).state.type).toBe('CANCELLED')
  expect(await readLimit(world, queueLimit(push.queueId))).toMatchObject({ active: 0 })
})

it('a launch that is refused late changes nothing of a run that went on by itself', async () => {
  const runId = await waiting()
  refuse()
  await dispatch(meanwhile(() => setState(world, runId, { type: 'RUNNING' })))
  expect(await readRun(world, runId)).toMatchObject({ generation: 1, state: { type: 'RUNNING' } })
})

it('nor of one that was claimed again, though that one is being cancelled', async () => {
  const runId = await waiting()
  refuse()
  await dispatch(
    meanwhile(async () => {
      await claimAgain(runId)
      await setState(world, runId, { type: 'CANCELLING' })
    }),
  )
  expect(await readRun(world, runId)).toMatchObject({ generation: 2, state: { type: 'CANCELLING' } })
})

it('a task of which an event came before the answer to its launch keeps what the event said', async () => {
  const runId = await waiting()
  const overtaken = withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name !== 'tasks run') return answer
    const { taskArn } = answer as { taskArn: string }
    await applyEcsTask(world, world.tasks.becomes(taskArn, 'RUNNING'))
    return answer
  })
  expect(await dispatch(overtaken)).toMatchObject({ launched: 1 })
  expect((await readRun(world, runId)).launch).toMatchObject({ attempt: 1, taskVersion: 2 })
})

it('a launch that was never made is taken back with a short wait', async () => {
  const runId = await waiting()
  await dispatch(slowAfterClaim(world))
  world.clock.pass(11 * 60)
  await inspectRun(world, runId)
  const { state, nextScheduledStartTime } = await readRun(world, runId)
  expect(state.message).toBe('Its launch was lost. Retrying in 10 s.')
  expect((nextScheduledStartTime ?? 0) - state.timestamp).toBeLessThanOrEqual(10_000_000)
})

it('a launch whose answer was lost, and that nothing can repeat any more, keeps its slot until ECS shows the task', async () => {
  const runId = await waiting()
  const unheard = withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name === 'tasks run') throw answerLost(name)
    return answer
  })
  await dispatch(unheard)
  await deleteDeployment(world, flow.id)
  const unseen = withInterceptor(world, async ({ name }, go) => (name === 'tasks list' ? ([] as never) : await go()))
  world.clock.pass(61)
  for (let n = 0; n < 3; n += 1) {
    await inspectRun(unseen, runId)
    expect((await readRun(world, runId)).state.type).toBe('PENDING')
    world.clock.pass(RELAUNCH_SECONDS)
  }
  expect(await readLimit(world, queueLimit(push.queueId))).toMatchObject({ active: 1 })
  await inspectRun(world, runId)
  const { launch } = await readRun(world, runId)
  expect(world.tasks.started).toHaveLength(1)
  await applyEcsTask(world, world.tasks.exits(launch?.taskArn ?? '', 1))
  expect((await readRun(world, runId)).state.type).toBe('CRASHED')
})

it('where there is no such task the run ends when its turn comes again', async () => {
  const runId = await waiting()
  await dispatch(slowAfterClaim(world))
  await deleteDeployment(world, flow.id)
  for (let minutes = 0; minutes < 12; minutes += 1) {
    world.clock.pass(60)
    await inspectRun(world, runId)
  }
  await dispatch()
  expect((await readRun(world, runId)).state).toMatchObject({ type: 'CANCELLED' })
  expect(await readLimit(world, queueLimit(push.queueId))).toMatchObject({ active: 0 })
  expect(world.tasks.started).toEqual([])
})

it("a deleted run's task is stopped while it lives, and ignored once it has stopped", async () => {
  const runId = await waiting()
  await dispatch()
  const arn = (await readRun(world, runId)).launch?.taskArn ?? ''
  await setState(world, runId, { type: 'CRASHED' })
  await deleteFlowRun(world, runId)
  expect(await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))).toBe('stopped')
  expect(await applyEcsTask(world, world.tasks.exits(arn, 143))).toBe('ignored')
  expect(stopped()).toEqual([arn])
})

it('a run that ends by its task frees its slot, and wakes the pool for others', async () => {
  const runId = await waiting()
  await dispatch()
  const arn = (await readRun(world, runId)).launch?.taskArn ?? ''
  world.sent.splice(0)
  await applyEcsTask(world, world.tasks.exits(arn, 1))
  expect(world.sent).toEqual([{ poolId: push.pool.id, reason: 'released', delaySeconds: 0 }])
})

describe('a launch', () => {
  /** No wait between tries. */
  const hurried = (): Deps => ({ ...world, ids: { ...world.ids, random: () => 0 } })
  const answers = (outcome: (tried: number) => RunTaskOutcome | Error | undefined) => {
    const tries = { count: 0 }
    world.tasks.nextOutcome = () => outcome((tries.count += 1))
    return tries
  }
  const logOf = (message: string) => world.logged.filter((line) => line.message === message)
  const permanent: RunTaskOutcome = { kind: 'refused', reasons: [{ reason: 'MISSING', detail: null }] }

  it('is recorded with its time, counted and logged', async () => {
    const runId = await waiting()
    await dispatch()
    const { launch, updated } = await readRun(world, runId)
    expect(launch).toEqual({ attempt: 1, taskArn: launch?.taskArn, taskVersion: 0, launchedAt: updated })
    expect(world.counted.get('RunsLaunched')).toBe(1)
    expect(logOf('flow run launched')).toMatchObject([{ fields: { runId, generation: 1, taskArn: launch?.taskArn } }])
  })

  it('that ECS throttles is tried five times, each of which is counted', async () => {
    await waiting()
    const tries = answers((tried) => (tried < 4 ? { kind: 'throttled' } : undefined))
    expect(await dispatch(hurried())).toMatchObject({ launched: 1 })
    expect([tries.count, world.counted.get('LaunchesThrottled')]).toEqual([4, 3])
    const runId = await waiting()
    const throttled = answers(() => ({ kind: 'throttled' }))
    expect(await dispatch(hurried())).toMatchObject({ claimed: 1, launched: 0 })
    expect([throttled.count, world.counted.get('LaunchesThrottled')]).toEqual([5, 7])
    expect(await readRun(world, runId)).toMatchObject({ state: { type: 'PENDING' }, launch: null })
  })

  it('is not tried again once its claim is too old', async () => {
    await waiting()
    const tries = answers(() => {
      world.clock.pass(31)
      return { kind: 'throttled' }
    })
    expect(await dispatch(hurried())).toMatchObject({ launched: 0 })
    expect(tries.count).toBe(1)
  })

  it('that is refused for good ends its run with the reason, as a warning', async () => {
    const runId = await waiting()
    answers(() => permanent)
    await dispatch()
    const { state, claim } = await readRun(world, runId)
    expect([state.type, state.message, claim]).toEqual(['CRASHED', 'ECS started no task: MISSING', null])
    expect(world.counted.get('LaunchesRefused')).toBe(1)
    expect(logOf('flow run not launched')).toMatchObject([{ level: 'warn', fields: { runId, to: 'Crashed' } }])
  })

  it('that is refused for now waits, for longer each time, and is no warning', async () => {
    const runId = await waiting()
    refuse()
    const waits: number[] = []
    for (let refusals = 1; refusals <= 3; refusals += 1) {
      await dispatch()
      const { state, nextScheduledStartTime, launchRefusals } = await readRun(world, runId)
      expect(launchRefusals).toBe(refusals)
      waits.push(Math.round(((nextScheduledStartTime ?? 0) - state.timestamp) / 1_000_000))
      world.clock.pass(waits.at(-1) ?? 0)
    }
    expect(waits).toEqual([10, 20, 40])
    expect(logOf('flow run not launched').map(({ level }) => level)).toEqual(['info', 'info', 'info'])
  })

  it('of which it is unknown whether it started is counted, and looked at again soon when that goes on', async () => {
    const runId = await waiting()
    answers(() => new Error('503 Service Unavailable'))
    await dispatch()
    const first = await readRun(world, runId)
    expect(first).toMatchObject({ state: { type: 'PENDING' }, unanswered: { last: 1, calls: 1, generations: 1 } })
    expect((first.claim?.leaseUntil ?? 0) - (first.claim?.at ?? 0)).toBe(900_000_000)
    expect(world.counted.get('LaunchesUnknown')).toBe(1)
    expect(logOf('launch response lost')).toMatchObject([{ level: 'warn', fields: { runId } }])
    world.clock.pass(61)
    expect(await inspectRun(world, runId)).toBe('relaunched')
    const second = await readRun(world, runId)
    expect(second.unanswered).toMatchObject({ calls: 2, generations: 1 })
    expect(Math.round(((second.claim?.leaseUntil ?? 0) - world.clock.now()) / 1_000_000)).toBe(120)
    expect([world.counted.get('LaunchesRepeated'), logOf('repeating a lost launch')]).toMatchObject([
      1,
      [{ fields: { runId } }],
    ])
    refuse()
    world.clock.pass(61)
    await inspectRun(world, runId)
    expect((await readRun(world, runId)).unanswered).toBeUndefined()
  })

  it('of a job with a reference to nothing ends its run, and starts nothing', async () => {
    const broken = { baseJobTemplate: ecsTemplate({ env: { TOKEN: '{{ prefect.blocks.secret.gone }}' } }) }
    const runId = await waiting()
    await updateWorkPool(world, push.pool.name, broken, {})
    await dispatch()
    const { state } = await readRun(world, runId)
    expect([state.type, world.tasks.started]).toEqual(['CRASHED', []])
    expect(state.message).toMatch(/gone/)
  })

  it('fills in what its job refers to', async () => {
    await createVariable(world, { name: 'where', value: 'here', tags: [] })
    const referring = { baseJobTemplate: ecsTemplate({ env: { PLACE: '{{ prefect.variables.where }}' } }) }
    await updateWorkPool(world, push.pool.name, referring, {})
    await waiting()
    await dispatch()
    expect(world.tasks.started).toMatchObject([{ env: { PLACE: 'here' } }])
  })

  it('tells the process where the service is', async () => {
    await waiting()
    await dispatch()
    expect(JSON.stringify(world.tasks.started)).toContain(world.settings.apiUrl)
  })

  it('whose record others always overtake has its task stopped', async () => {
    const runId = await waiting()
    let records = 0
    const crossed = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb PutItemCommand' && world.tasks.started.length > 0) {
        records += 1
        await updateFlowRun(world, runId, { details: { tags: [`${records}`] }, policy: {} })
      }
      return await go()
    })
    expect(await dispatch(crossed)).toMatchObject({ launched: 0 })
    expect(records).toBe(5)
    expect(world.tasks.stopped).toEqual([{ taskArn: stopped()[0], reason: ORPHANED }])
  })
})

it('a run that is cancelled without a word, before its launch, says so', async () => {
  const runId = await waiting()
  const overtaken = withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name !== 'dynamodb TransactWriteItemsCommand') return answer
    await setState(world, runId, { type: 'CANCELLING' })
    return answer
  })
  await dispatch(overtaken)
  expect((await readRun(world, runId)).state.message).toBe('Cancelled before its task was started.')
})
