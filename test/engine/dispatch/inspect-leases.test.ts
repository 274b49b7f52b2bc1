import { describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import type { EcsTask } from '#shared/ecs-task/ecs-task.ts'
import { inspectLeases, inspectLostLaunches } from '#shared/engine/dispatch/inspect-leases.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import { newState, type StateType } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { withPagesOf } from '../../support/faults/small-pages.ts'
import { aClaim } from '../../support/fixtures/a-run.ts'
import { aTask } from '../../support/fixtures/a-task.ts'
import {
  createRuns,
  inSeconds,
  NO_DEADLINE,
  type PushPool,
  pushPool,
  readRun,
} from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
stageForEachTest(async (stage) => {
  world = stage.world
  push = await pushPool(world)
})

const arnOf = (n: number) => `arn:aws:ecs:us-east-1:123456789012:task/pushpool/${String(n).padStart(32, '0')}`

/** Puts n runs whose lease has run out, in a state, each with a task of its own, numbered from `first`. */
async function overdue(n: number, first: number, change: Partial<FlowRun> = {}, type: StateType = 'RUNNING') {
  const [model] = await createRuns(world, push.deployment, 1)
  if (!model) throw new Error('no run')
  const runs = Array.from({ length: n }, (_, at): FlowRun => {
    const claim = aClaim({ at: world.clock.now(), leaseUntil: inSeconds(world, -60 - first - at / 1000), slots: [] })
    const launch = { attempt: 1, taskArn: arnOf(first + at), taskVersion: 1 }
    const state = newState(type, world.clock.now())
    return {
      ...model,
      id: world.ids.uuid(),
      generation: 1,
      state,
      claim,
      launch,
      startTime: state.timestamp,
      ...change,
    }
  })
  await putRuns(world, runs)
  return runs
}

/** An ECS in which every task runs on; the call fails for batches with a task that is broken. */
function ecsWhere(broken: (arn: string) => boolean, onCall: () => void = () => undefined) {
  const calls: number[] = []
  const stopped: string[] = []
  const answer = (arns: readonly string[]): Promise<EcsTask[]> => {
    calls.push(arns.length)
    onCall()
    if (arns.some(broken)) return Promise.reject(new Error('the answer does not parse'))
    return Promise.resolve(arns.map((taskArn) => aTask({ taskArn, startedBy: null, lastStatus: 'RUNNING' })))
  }
  const stop = (taskArn: string) => Promise.resolve(void stopped.push(taskArn))
  return {
    deps: { ...world, tasks: Object.assign(Object.create(world.tasks), { describe: answer, stop }) as World['tasks'] },
    calls,
    stopped,
  }
}
const overdueNow = async () => {
  const to = String(world.clock.now()).padStart(16, '0')
  return (await listPhase(world.table, { phase: activePhase(push.pool.id), to, limit: 5000 })).rows.length
}
const inspect = (deps: typeof world, deadline = NO_DEADLINE) => inspectLeases(deps, push.pool.id, { deadline })

it('inspects hundreds of expired leases in one go, a hundred tasks a call', async () => {
  await overdue(600, 0)
  const ecs = ecsWhere(() => false)
  expect(await inspect(ecs.deps)).toBe(600)
  expect(ecs.calls).toEqual(Array.from({ length: 6 }, () => 100))
  expect(await overdueNow()).toBe(0)
})

it('isolates a task that can not be described, and puts its run off for longer each time', async () => {
  const runs = await overdue(100, 0)
  const ecs = ecsWhere((arn) => arn === arnOf(42))
  await inspect(ecs.deps)
  expect(ecs.calls.length).toBeLessThanOrEqual(15)
  expect(await overdueNow()).toBe(0)
  const odd = async () => (await readRun(world, runs[42]?.id ?? '')).claim
  expect(await odd()).toMatchObject({ missed: 1 })
  expect((await readRun(world, runs[41]?.id ?? '')).claim?.missed).toBeUndefined()
  world.clock.pass(121)
  await inspect(ecs.deps)
  expect(await odd()).toMatchObject({ missed: 2 })
  world.clock.pass(121)
  expect(await overdueNow()).toBe(0)
})

it('gives up after a few calls when ECS is down, and puts every run off', async () => {
  await overdue(300, 0)
  const ecs = ecsWhere(() => true)
  await inspect(ecs.deps)
  expect(ecs.calls.length).toBeLessThanOrEqual(8)
  expect(await overdueNow()).toBe(0)
})

it('a hundred runs that can not be described keep no other from its time limit, however slow they fail', async () => {
  await overdue(100, 1_000)
  const [timed] = await overdue(1, 0, { timeoutSeconds: 300 })
  const ecs = ecsWhere(
    (arn) => arn >= arnOf(1_000),
    () => world.clock.pass(0.5),
  )
  for (let minutes = 0; minutes < 8; minutes += 1) {
    world.clock.pass(60)
    await sweep(ecs.deps)
  }
  expect(timed && ecs.stopped.includes(timed.launch?.taskArn ?? '')).toBe(true)
})

it.each([
  { where: 'among', n: 200, isBroken: (n: number) => n % 2 === 0 },
  { where: 'in front of', n: 500, isBroken: (n: number) => n >= 100 },
])('tells a hundred runs from others $where them that can not be described', async ({ n, isBroken }) => {
  const runs = await overdue(n, 0)
  const byArn = new Map(runs.map((run) => [run.launch?.taskArn, run]))
  const isBad = (arn: string) => isBroken(Number(arn.slice(-6)))
  const ecs = ecsWhere(isBad)
  const { tasks } = ecs.deps
  const running = tasks.describe.bind(tasks)
  const stopped = async (arns: readonly string[]) =>
    (await running(arns)).map((task) => {
      const run = byArn.get(task.taskArn)
      return { ...task, startedBy: `${run?.id}/${run?.life}/1`, lastStatus: 'STOPPED' }
    })
  Object.assign(tasks, { describe: stopped })
  for (let minutes = 0; minutes < 10; minutes += 1) {
    world.clock.pass(60)
    await sweep(ecs.deps)
  }
  const held = (await Promise.all(runs.map(({ id }) => readRun(world, id)))).filter((run) => run.claim)
  expect(held).toHaveLength(n - 100)
  expect(held.every((run) => isBad(run.launch?.taskArn ?? ''))).toBe(true)
})

it('a run that can not be described is stopped when its time is up', async () => {
  await overdue(1, 0, { timeoutSeconds: 600 })
  const ecs = ecsWhere(() => true)
  world.clock.pass(601)
  await sweep(ecs.deps)
  expect(ecs.stopped).toEqual([arnOf(0)])
})

it('a run whose lease can not be written is passed over for a while, and keeps no other from it', async () => {
  const [stuck] = await overdue(1, 100)
  await overdue(30, 0)
  let tries = 0
  const ecs = ecsWhere(() => false)
  const faulty = withInterceptor(ecs.deps, async ({ name, input }, go) => {
    const { Item: item } = input as { Item?: { pk?: { S?: string } } }
    if (name !== 'dynamodb PutItemCommand' || item?.pk?.S !== `run#${stuck?.id}`) return await go()
    tries += 1
    throw new Error('no write')
  })
  for (let tick = 0; tick < 2; tick += 1) {
    await inspect(faulty as typeof world)
    world.clock.pass(60)
  }
  expect({ tries, overdue: await overdueNow() }).toEqual({ tries: 1, overdue: 1 })
})

it('ends hundreds of runs of dead workers that were cancelled at once in one sweep', async () => {
  const by = { kind: 'client', name: null } as const
  const claim = { ...aClaim({ by, slots: [] }), leaseUntil: inSeconds(world, 300) }
  await overdue(400, 0, { launch: null, claim }, 'CANCELLING')
  world.clock.pass(301)
  await sweep(world)
  expect(await overdueNow()).toBe(0)
  const { rows } = await listPhase(world.table, { phase: `ended#CANCELLED#2026-01-15`, limit: 2_000 })
  expect(rows).toHaveLength(400)
})

it('looks at those that are overdue page by page, in no order, until time is up or there were enough', async () => {
  await overdue(12, 0)
  const order: string[] = []
  const { deps } = ecsWhere(() => false)
  const watched = withInterceptor(deps, async ({ name, input }, go) => {
    if (name === 'tasks describe') order.push(...(input as string[]))
    return await go()
  }) as typeof world
  const all = Array.from({ length: 12 }, (_, n) => arnOf(n))
  await inspect(watched)
  expect(order.toSorted()).toEqual(all)
  expect([all, all.toReversed()]).not.toContainEqual(order)
  const paged = async (deadline: number, max?: number) => {
    world.clock.pass(1_000)
    return await inspectLeases(withPagesOf(deps, 2), push.pool.id, { deadline, ...(max ? { max } : {}) })
  }
  expect(await paged(NO_DEADLINE)).toBe(12)
  expect(await paged(NO_DEADLINE, 5)).toBe(5)
  expect(await overdueNow()).toBe(7)
  world.clock.pass(1_000)
  const slow = ecsWhere(
    () => false,
    () => world.clock.pass(10),
  )
  expect(await inspectLeases(withPagesOf(slow.deps, 2), push.pool.id, { deadline: inSeconds(world, 15) })).toBe(2)
  expect(slow.calls).toHaveLength(2)
})

describe('launches that were lost', () => {
  /** Runs that were claimed so many seconds ago and have no task, each with a lease from its claim. */
  const claimed = async (ages: readonly number[], change: Partial<FlowRun> = {}) => {
    const runs = await overdue(ages.length, 0, { launch: null, ...change }, 'PENDING')
    const at = (seconds: number) => inSeconds(world, -seconds)
    const those = runs.map((run, n) => {
      const age = ages[n] ?? 0
      return { ...run, claim: { ...aClaim({ slots: [] }), ...change.claim, at: at(age), leaseUntil: at(age - 900) } }
    })
    await putRuns(world, those)
    return those.map(({ id }) => id)
  }
  const find = (deps: Deps = world, deadline: Instant = NO_DEADLINE) =>
    inspectLostLaunches(deps, push.pool.id, { deadline })
  const startedFor = () => world.tasks.started.map(({ runId }) => runId)

  it('are found three ticks long by the age of their claim, and nothing else is', async () => {
    const ids = await claimed([30, 61, 200, 239, 300])
    expect(await find()).toBe(3)
    expect(startedFor().toSorted()).toEqual(ids.slice(1, 4).toSorted())
  })

  it('are none of runs that have a task, or that no dispatcher holds', async () => {
    await claimed([100], { launch: { attempt: 1, taskArn: arnOf(1), taskVersion: 1 } })
    await claimed([100], { claim: aClaim({ by: { kind: 'client', name: null } }) })
    expect(await find()).toBe(0)
  })

  it('are found page by page', async () => {
    const ids = await claimed([100, 110, 120, 130, 140])
    expect(await find(withPagesOf(world, 1))).toBe(5)
    expect(startedFor().toSorted()).toEqual(ids.toSorted())
  })

  it('are looked for at either end in turns, until time is up', async () => {
    const ids = await claimed([100, 110, 120, 130, 140])
    const slow = () => {
      const calls: string[] = []
      const deps = withInterceptor(withPagesOf(world, 1), async ({ name, input }, go) => {
        if (name !== 'tasks list') return await go()
        calls.push((input as string).split('/')[0] ?? '')
        world.clock.pass(0.1)
        throw new Error('no answer')
      })
      return { deps, calls }
    }
    const first = slow()
    await find(first.deps, inSeconds(world, 0.15))
    world.clock.pass(60)
    const second = slow()
    await find(second.deps, inSeconds(world, 0.15))
    expect(new Set([first.calls[0], second.calls[0]])).toEqual(new Set([ids[0], ids[4]]))
  })
})
