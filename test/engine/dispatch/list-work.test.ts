import type { BatchGetItemCommandInput, QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { type PoolSearch, planPoolWork } from '#shared/engine/dispatch/plan-pool-work.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { deploymentLimit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { raiseEpoch } from '#shared/storage/limit/open-limit.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { laggingIndex } from '../../support/faults/lagging-index.ts'
import { aRun, at } from '../../support/fixtures/a-run.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { putLimits, setLimit } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

/** Plans of a pool with three queues, in order of priority; the third comes first by its id. */
let world: World
let pool: WorkPool
const queues = { urgent: '', normal: '', patient: '' }
type Queue = keyof typeof queues
beforeEach(async () => {
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  for (const name of ['urgent', 'normal', 'patient'] as const) {
    queues[name] = (await createWorkQueue(world, 'pull', { name, priority: 1 + Object.keys(queues).indexOf(name) })).id
  }
})
afterEach(() => world.close())

const LIMIT = deploymentLimit('d')
/** Puts runs of a queue that are due at these seconds, known by queue and time. */
const put = (queue: Queue, due: readonly number[], rest: Partial<FlowRun> = {}) =>
  putRuns(
    world,
    due.map((seconds) =>
      aRun({
        id: `${queue} ${seconds}`,
        poolId: pool.id,
        queueId: queues[queue],
        deploymentId: null,
        updated: at(seconds),
        nextScheduledStartTime: at(seconds),
        ...rest,
      }),
    ),
  )
const blocked = { deploymentId: 'd', blockedBy: LIMIT } as const
/** In the line of runs that were due much later. */
const later = { updated: 0 }
async function plan(search: Partial<PoolSearch> = {}, deps: Deps = world) {
  const { batches, ...rest } = await planPoolWork(deps, {
    poolId: pool.id,
    dueBefore: at(1_000),
    handOutMax: 50,
    ...search,
  })
  return { ids: batches.flatMap(({ runs }) => runs.map(({ runId }) => runId)), ...rest }
}
const named = (...names: Queue[]) => names.map((name) => ({ id: queues[name] }))
const hint = (...limits: LimitKey[]) => ({ readHinted: () => Promise.resolve(limits.map((limit) => ({ limit }))) })
const pauseOf = (key: LimitKey) => putLimits(world.table, { [key]: null }, { paused: true })
async function reads(search: Partial<PoolSearch> = {}) {
  const calls: string[] = []
  const watched = withInterceptor(world, async ({ name }, go) => {
    calls.push(name.slice('dynamodb '.length))
    return await go()
  })
  await plan(search, watched)
  return calls
}

describe('a look for work', () => {
  it('takes queues by priority, in each the oldest first, and no more than are wanted', async () => {
    await put('patient', [1])
    await put('urgent', [5, 3])
    await put('normal', [2])
    expect((await plan()).ids).toEqual(['urgent 3', 'urgent 5', 'normal 2', 'patient 1'])
    expect((await plan({ handOutMax: 2 })).ids).toEqual(['urgent 3', 'urgent 5'])
    expect((await plan({ handOutMax: 3 })).ids).toEqual(['urgent 3', 'urgent 5', 'normal 2'])
    expect((await plan({ handOutMax: 3 })).planned).toBe(3)
  })

  it('takes runs that are due within its bounds, these included, in whatever line', async () => {
    await put('urgent', [9, 10, 20, 21])
    await put('normal', [9, 10, 20, 21], later)
    await put('patient', [9, 10, 20, 21], blocked)
    await putLimits(world.table, { [LIMIT]: 9 })
    const found = (await plan({ dueAfter: at(10), dueBefore: at(20), ...hint(LIMIT) })).ids
    const due = (queue: Queue) => [`${queue} 10`, `${queue} 20`]
    expect(found).toEqual([...due('urgent'), ...due('normal'), ...due('patient')])
    expect((await plan({ dueAfter: at(22), dueBefore: at(20) })).ids).toEqual([])
  })

  it('mixes the runs of a queue that were due much later with those in its line', async () => {
    await put('urgent', [1, 5])
    await put('urgent', [3], later)
    expect((await plan()).ids).toEqual(['urgent 1', 'urgent 3', 'urgent 5'])
  })

  it('passes over runs that others took, and takes the ones behind them', async () => {
    await put('urgent', [1, 2, 3, 4])
    await put('urgent', [5, 6], later)
    await put('urgent', [7, 8], blocked)
    await putLimits(world.table, { [LIMIT]: 9 })
    const lost = new Set(['urgent 1', 'urgent 2', 'urgent 5', 'urgent 7'])
    expect((await plan({ lost, handOutMax: 1, spare: 0 })).ids).toEqual(['urgent 3'])
    expect((await plan({ lost, ...hint(LIMIT) })).ids).toEqual(['urgent 3', 'urgent 4', 'urgent 6', 'urgent 8'])
  })

  it('sees past lines as long as what others took, however few are wanted', async () => {
    const seconds = Array.from({ length: 30 }, (_, n) => n)
    await put('urgent', seconds)
    const lost = new Set(seconds.slice(0, 29).map((n) => `urgent ${n}`))
    expect((await plan({ lost, handOutMax: 1, spare: 0, queues: named('urgent') })).ids).toEqual(['urgent 29'])
  })

  it('reads beyond what is wanted, in place of runs that turn out to be blocked', async () => {
    await put(
      'urgent',
      Array.from({ length: 10 }, (_, n) => n),
      { deploymentId: 'd' },
    )
    await put(
      'urgent',
      Array.from({ length: 5 }, (_, n) => 20 + n),
    )
    await putLimits(world.table, { [LIMIT]: 0 })
    const search = { queues: named('urgent') }
    const none = await plan({ ...search, handOutMax: 5, spare: 0 })
    expect([none.ids, none.parked.length]).toEqual([[], 5])
    expect((await plan({ ...search, handOutMax: 5, spare: 7 })).ids).toEqual(['urgent 20', 'urgent 21'])
    expect((await plan({ ...search, handOutMax: 10 })).ids).toHaveLength(5)
  })

  it('says which queues it need not read again, and which of them have nothing to do', async () => {
    await put('urgent', [1])
    await put('normal', [1])
    await put('patient', [2_000])
    await pauseOf(queueLimit(queues.urgent))
    await setLimit(world.table, queueLimit(queues.normal), 0)
    const { passed, idle, unreached, waits, planned } = await plan()
    expect(passed).toEqual([queues.urgent, queues.normal, queues.patient])
    expect(idle).toEqual([queues.urgent, queues.patient])
    expect([unreached, planned, waits.map(({ reason }) => reason)]).toEqual([[], 0, ['paused', 'full']])
  })

  it('names the queues that it did not get to', async () => {
    for (const queue of ['urgent', 'normal', 'patient'] as const) await put(queue, [1, 2])
    await setLimit(world.table, poolLimit(pool.id), 1)
    expect((await plan()).unreached).toEqual([queues.patient])
    expect((await plan({ handOutMax: 2 })).unreached).toEqual([queues.patient])
  })

  it('reads no line of a queue without room, or that it was told to pass over', async () => {
    await put(
      'urgent',
      Array.from({ length: 15 }, (_, n) => n),
    )
    const before = await reads()
    await pauseOf(queueLimit(queues.urgent))
    expect((await reads()).length).toBe(before.length - 1)
    await putLimits(world.table, { [queueLimit(queues.urgent)]: null })
    const passed = new Set([queues.urgent])
    expect((await plan({ passed })).ids).toEqual([])
    await put('urgent', [3], later)
    expect((await plan({ passed })).ids).toContain('urgent 3')
  })

  it('hands out nothing of a queue that is gone', async () => {
    await put('urgent', [1])
    await put('urgent', [2], { queueId: 'gone' })
    expect((await plan()).ids).toEqual(['urgent 1'])
    expect((await plan({ queues: [{ id: 'gone' }] })).ids).toEqual([])
  })

  it('in a pool without room reads no queue, and says why', async () => {
    await put('urgent', [1, 2])
    await put('urgent', [3], blocked)
    await putLimits(world.table, { [LIMIT]: 1 })
    await setLimit(world.table, poolLimit(pool.id), 0)
    const { ids, waits, moved, passed, idle, unreached, planned } = await plan(hint(LIMIT))
    expect({ ids, passed, idle, unreached, planned }).toEqual({
      ids: [],
      passed: [],
      idle: [],
      unreached: [],
      planned: 0,
    })
    expect(waits).toEqual([{ subject: { kind: 'pool', id: pool.id }, reason: 'full', limit: poolLimit(pool.id) }])
    expect(moved).toEqual(['urgent 3'])
  })

  it('says under which epoch of the pool it looked up the limits of deployments', async () => {
    await put('urgent', [1])
    expect((await plan()).poolEpoch).toBe(0)
    await raiseEpoch(world.table, pool.id)
    expect((await plan()).poolEpoch).toBe(1)
  })

  it('knows a pool to be empty only where nothing is in its lines, due or not', async () => {
    expect((await plan()).empty).toBe(true)
    await put('urgent', [5_000], later)
    expect(await plan()).toMatchObject({ ids: [], empty: false })
    await put('urgent', [1])
    expect((await plan()).empty).toBe(false)
  })
})

describe('a look at named queues', () => {
  it('takes them in the order in which they are named, and no others', async () => {
    for (const queue of ['urgent', 'normal', 'patient'] as const) await put(queue, [1])
    await put('urgent', [2], later)
    expect((await plan({ queues: named('patient', 'normal') })).ids).toEqual(['patient 1', 'normal 1'])
    expect((await plan({ queues: named('normal', 'urgent') })).ids).toEqual(['normal 1', 'urgent 1', 'urgent 2'])
  })

  it('reads few of them as they are, and looks more of them up', async () => {
    await put('normal', [1])
    const few = await reads({ queues: named('normal') })
    // Those due later, the limits, the line.
    expect(few).toEqual(['QueryCommand', 'BatchGetItemCommand', 'QueryCommand'])
    const names = Array.from({ length: 9 }, (_, n) => ({ id: `other-${n}` }))
    const many = await reads({ queues: [...names, ...named('normal')] })
    // The lines, with all of its runs, and the limits.
    expect(many).toEqual(['QueryCommand', 'BatchGetItemCommand'])
    expect((await plan({ queues: [...names, ...named('normal')] })).ids).toEqual(['normal 1'])
  })
})

it('a look takes few queues at first, then more and more', async () => {
  const ids = Array.from({ length: 120 }, (_, n) => `full-${String(n).padStart(3, '0')}`)
  await putLimits(world.table, Object.fromEntries(ids.map((id) => [queueLimit(id), 0])))
  const run = { poolId: pool.id, deploymentId: null, updated: at(0), nextScheduledStartTime: at(0) }
  await putRuns(
    world,
    ids.map((queueId) => aRun({ ...run, id: queueId, queueId })),
  )
  const keys: number[] = []
  const watched = withInterceptor(world, async ({ name, input }, go) => {
    const { RequestItems = {} } = input as BatchGetItemCommandInput
    if (name === 'dynamodb BatchGetItemCommand') keys.push(RequestItems[world.table.name]?.Keys?.length ?? 0)
    return await go()
  })
  await plan({ queues: ids.map((id) => ({ id })) }, watched)
  // The pool's limit is read with the first.
  expect(keys).toEqual([1 + 2, 16, 98, 4])
  const { passed, unreached } = await plan({ queues: ids.map((id) => ({ id })) })
  expect([passed, unreached]).toEqual([ids, []])
})

describe('a look at limits that may have room', () => {
  it('takes the runs that wait for them, and says which need no other look', async () => {
    await put('urgent', [1, 2, 3], blocked)
    await putLimits(world.table, { [LIMIT]: 2, 'deployment#full': 0, 'deployment#idle': 1 })
    const { ids, hinted, spent } = await plan(hint(LIMIT, 'deployment#full', 'deployment#idle'))
    expect(ids).toEqual(['urgent 1', 'urgent 2'])
    expect(hinted).toEqual([{ limit: LIMIT }])
    expect(spent).toEqual(['deployment#full', 'deployment#idle'])
  })

  it('takes a run once that its queue still shows although it waits for a limit by now', async () => {
    await put('urgent', [1, 2], { deploymentId: 'd' })
    const index = laggingIndex(world.table)
    await index.catchUp()
    await put('urgent', [1], blocked)
    await putLimits(world.table, { [LIMIT]: 9 })
    const lags = withInterceptor(world, async (call, go) => {
      const { ExpressionAttributeValues: values } = call.input as Partial<QueryCommandInput>
      return values?.[':phase']?.S?.startsWith('ready#') ? await index.intercept(call, go) : await go()
    })
    expect((await plan(hint(LIMIT), lags)).ids).toEqual(['urgent 1', 'urgent 2'])
  })

  it('follows six of them, and leaves the others to the next', async () => {
    const keys = Array.from({ length: 8 }, (_, n): LimitKey => `deployment#${n}`)
    await putLimits(world.table, Object.fromEntries(keys.map((key) => [key, 1])))
    const { hinted, spent } = await plan(hint(...keys))
    expect(spent).toEqual(keys.slice(0, 6))
    expect(hinted.map(({ limit }) => limit)).toEqual(keys.slice(6))
  })

  it('puts runs of other queues into line, so that whoever polls those finds them', async () => {
    await put('urgent', [1], blocked)
    await put('normal', [2], blocked)
    await putLimits(world.table, { [LIMIT]: 2 })
    expect(await plan({ queues: named('urgent'), ...hint(LIMIT) })).toMatchObject({
      ids: ['urgent 1'],
      moved: ['normal 2'],
    })
    const due = Array.from({ length: 100 }, (_, n) => -n - 1)
    await put('normal', due, later)
    const { moved } = await plan({ queues: named('urgent'), dueBefore: at(200) })
    expect(moved).toHaveLength(100)
  })
})
