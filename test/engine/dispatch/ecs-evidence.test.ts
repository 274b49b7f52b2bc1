import { beforeEach, describe, expect, it } from 'vitest'
import type { Tasks } from '#shared/deps.ts'
import { startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { EcsEvidence } from '#shared/engine/dispatch/ecs-evidence.ts'
import type { HeldRun } from '#shared/flow-run/held-run.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import { aClaim, heldIn } from '../../support/fixtures/a-run.ts'
import { aTask } from '../../support/fixtures/a-task.ts'
import { openMemoryStage } from '../../support/stage.ts'
import type { World } from '../../support/world.ts'

let world: World
/** How many tasks each call was about, in order. */
let calls: number[]
/** Tasks for which DescribeTasks fails, and those that ECS has forgotten. */
let isBad: (arn: string) => boolean
let isUnknown: (arn: string) => boolean
let onCall: () => void
beforeEach(async () => {
  world = (await openMemoryStage()).world
  calls = []
  isBad = () => false
  isUnknown = () => false
  onCall = () => undefined
})

const tasks = {
  describe: (arns: readonly string[]) => {
    calls.push(arns.length)
    onCall()
    if (arns.some(isBad)) return Promise.reject(new Error('the answer does not parse'))
    return Promise.resolve(arns.filter((arn) => !isUnknown(arn)).map((taskArn) => aTask({ taskArn })))
  },
  listStartedBy: (startedBy: string) => {
    calls.push(0)
    if (isBad(startedBy)) return Promise.reject(new Error('the answer does not parse'))
    return Promise.resolve([aTask({ taskArn: 'arn:found', startedBy })])
  },
} as unknown as Tasks

const evidence = (deadline: Instant = NEVER) => new EcsEvidence({ ...world, tasks }, deadline)
let made = 0
/** So many held runs with a task each, that nothing was learned of in as many looks. */
function runs(n: number, missed?: number): HeldRun[] {
  return Array.from({ length: n }, () => {
    made += 1
    const launch = { attempt: 1, taskArn: `arn:${made}`, taskVersion: 1 }
    return heldIn('RUNNING', aClaim({ missed }), { id: `run-${made}`, launch })
  })
}
const withoutTask = (id: string) => heldIn('PENDING', aClaim(), { id, launch: null })
const arnsOf = (some: readonly HeldRun[]) => new Set(some.map(({ launch }) => launch?.taskArn))

it('is what ECS says of the task on record, a hundred a call, or that it has forgotten it', async () => {
  const some = runs(150)
  isUnknown = (arn) => arn === some[1]?.launch?.taskArn
  const found = await evidence().on(some)
  expect(calls).toEqual([100, 50])
  expect(found.size).toBe(150)
  expect(found.get(some[0]?.id ?? '')).toMatchObject({ described: { taskArn: some[0]?.launch?.taskArn } })
  expect(found.get(some[1]?.id ?? '')).toEqual({ described: undefined })
})

it('without a task on record is what was started for this generation of the run', async () => {
  const [one, bad] = [withoutTask('one'), withoutTask('bad')]
  isBad = (startedBy) => startedBy === startedByOf(bad)
  const found = await evidence().on([one, bad])
  expect(found.get('one')).toMatchObject({ started: [{ startedBy: startedByOf(one) }] })
  expect(found.get('bad')).toEqual({ unavailable: true })
  expect(calls).toEqual([0, 0])
})

it('is not sought once time is up, and nothing is said of what is left', async () => {
  const some = [...runs(3), withoutTask('one')]
  expect(await evidence(world.clock.now()).on(some)).toEqual(new Map())
  expect(calls).toEqual([])
  onCall = () => world.clock.pass(60)
  const found = await evidence(world.clock.now() + 1_000_000).on([...runs(100), ...runs(100), withoutTask('one')])
  expect([found.size, calls]).toEqual([100, [100]])
})

describe('a task that can not be described', () => {
  it('is found by halves, at two calls at a time, and is the only one of which nothing is known', async () => {
    const some = runs(8)
    const [bad] = arnsOf(some.slice(4, 5))
    isBad = (arn) => arn === bad
    const found = await evidence().on(some)
    expect(calls).toEqual([8, 4, 4, 2, 2, 1, 1])
    expect(found.size).toBe(8)
    expect([...found].filter(([, { unavailable }]) => unavailable).map(([id]) => id)).toEqual([some[4]?.id])
    expect(world.counted.get('InspectionsFailed')).toBe(4)
    expect(world.logged[0]).toMatchObject({ message: 'ECS gave no evidence', fields: { reason: expect.anything() } })
  })

  it('comes after the others the next time, in calls that begin small and grow while they are answered', async () => {
    const often = runs(7, 2)
    const once = runs(40, 1)
    const others = runs(5)
    const order: string[] = []
    const watched = async (arns: readonly string[]) => {
      order.push(...arns)
      return await tasks.describe(arns)
    }
    await new EcsEvidence({ ...world, tasks: { ...tasks, describe: watched } }, NEVER).on([
      ...often,
      ...once,
      ...others,
    ])
    expect(calls).toEqual([5, 10, 20, 10, 1, 2, 4])
    expect(order).toEqual([...arnsOf(others), ...arnsOf(once), ...arnsOf(often)])
  })

  it('makes no call larger than ECS takes', async () => {
    await evidence().on(runs(260, 1))
    expect(calls).toEqual([10, 20, 40, 80, 100, 10])
  })

  it('makes the calls small again', async () => {
    const some = runs(12, 2)
    const [bad] = arnsOf(some.slice(3, 4))
    isBad = (arn) => arn === bad
    await evidence().on(some)
    // 1, 2, 4 with the bad one, its halves and theirs, and then 1, 2 and what is left.
    expect(calls).toEqual([1, 2, 4, 2, 2, 1, 1, 1, 2, 2])
  })
})

describe('an ECS that is down', () => {
  beforeEach(() => {
    isBad = () => true
  })

  it('is left alone after five failures in a row, but for ever fewer looks whether it still is', async () => {
    const ecs = evidence()
    const found = await ecs.on(runs(40, 2))
    expect(calls).toHaveLength(5 + 6)
    expect([...found.values()]).toEqual(Array.from({ length: 40 }, () => ({ unavailable: true })))
    expect(ecs.isDown).toBe(true)
    expect(await ecs.call(() => Promise.resolve('answer'))).toBe('failed')
  })

  it('is taken for one later where some call of the pass was answered', async () => {
    const ecs = evidence()
    const good = runs(1)
    isBad = (arn) => !arnsOf(good).has(arn)
    await ecs.on([...good, ...runs(40, 2)])
    expect(calls).toHaveLength(1 + 25 + 4)
  })

  it('counts again from none after an answer', async () => {
    const ecs = evidence()
    for (let n = 0; n < 4; n += 1) ecs.note(false)
    ecs.note(true)
    for (let n = 0; n < 24; n += 1) ecs.note(false)
    expect(ecs.isDown).toBe(false)
    ecs.note(false)
    expect(ecs.isDown).toBe(true)
  })

  it('is not asked to describe the parts of a batch, of which nothing is known then', async () => {
    const found = await evidence().on(runs(100))
    expect(calls).toEqual([100, 50, 50, 25, 25])
    expect(found.size).toBe(100)
  })
})
