import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { type PoolSearch, planPoolWork } from '#shared/engine/dispatch/plan-pool-work.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { requireQueue } from '#shared/engine/work-pool/require-queue.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { NEVER } from '#shared/instant.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { updateQueue } from '#shared/storage/work-queue/update-queue.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { commandDeployment, createRuns } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

/** More queues with work than are looked up one by one. */
const QUEUES = 20

let world: World
let pool: WorkPool
let queueIds: string[]
beforeAll(async () => {
  world = await openWorld()
  queueIds = []
  pool = await createWorkPool(world, { name: 'crowded', type: 'ecs:push' })
  for (let n = 0; n < QUEUES; n += 1) await addQueueWithRun(`queue-${n}`)
})
afterAll(() => world.close())

async function addQueueWithRun(name: string, priority?: number): Promise<string> {
  const { id } = await createWorkQueue(world, pool.name, { name, priority })
  queueIds.push(id)
  await createRuns(world, await commandDeployment(world, { pool, queueId: id, name }), 1)
  return id
}

const find = async (handOutMax: number, fresh = false) => {
  const { batches } = await planPoolWork(world, { poolId: pool.id, dueBefore: NEVER, handOutMax, fresh })
  return batches.map(({ queueId }) => queueId)
}

it('of many queues with work, those with the highest priority come first', async () => {
  expect(await find(3)).toEqual(queueIds.slice(0, 3))
  expect(await find(3)).toEqual(queueIds.slice(0, 3))
  expect(await find(100)).toEqual(queueIds)
})

it('in a crowded pool, what this process changed about its queues counts at once', async () => {
  await find(3)
  const urgent = await addQueueWithRun('urgent', 1)
  expect((await find(3))[0]).toBe(urgent)
  const queue = await requireQueue(world, pool.name, 'urgent')
  await updateWorkQueue(world, queue, {}, { paused: true })
  expect(await find(3)).toEqual(queueIds.slice(0, 3))
  await updateWorkQueue(world, queue, {}, { paused: false })
  expect((await find(3))[0]).toBe(urgent)
})

it('a queue that another process resumed counts within seconds, and at once for a look that is told of it', async () => {
  const queue = await requireQueue(world, pool.name, 'urgent')
  await updateWorkQueue(world, queue, {}, { paused: true })
  await find(3)
  await updateQueue(world.table, queue, {}, { paused: false }, world.clock.now())
  expect((await find(3))[0]).not.toBe(queue.id)
  expect((await find(3, true))[0]).toBe(queue.id)
  await updateWorkQueue(world, queue, {}, { paused: true })
  await find(3)
  await updateQueue(world.table, queue, {}, { paused: false }, world.clock.now())
  world.clock.pass(6)
  expect((await find(3))[0]).toBe(queue.id)
})

describe('what is remembered of a crowded pool', () => {
  /** Another process, which remembers things of its own. */
  const elsewhere = (): Deps => ({ ...world, table: { ...world.table } })
  /** A crowded pool, and looks at it for so many runs: the queues that they find. */
  async function crowd(name: string) {
    const { id: poolId } = await createWorkPool(world, { name, type: 'ecs:push' })
    const add = async (queue: string, deps: Deps, runs = 1, priority?: number) => {
      const { id: queueId } = await createWorkQueue(deps, name, { name: queue, priority })
      const place = { pool: { ...pool, id: poolId, name }, queueId, name: queue }
      return { queueId, runs: await createRuns(deps, await commandDeployment(deps, place), runs) }
    }
    const all: Awaited<ReturnType<typeof add>>[] = []
    for (let n = 0; n < QUEUES; n += 1) all.push(await add(`queue-${n}`, world))
    const look = async (handOutMax: number, search: Partial<PoolSearch> = {}) => {
      const { batches } = await planPoolWork(world, { poolId, dueBefore: NEVER, handOutMax, ...search })
      return batches.map(({ queueId }) => queueId)
    }
    return { add, all, look, ids: all.map(({ queueId }) => queueId) }
  }

  it('serves looks for few runs, and not those for many, or that follow hints', async () => {
    const { add, look, ids } = await crowd('many')
    expect(await look(3)).toEqual(ids.slice(0, 3))
    const { queueId: urgent } = await add('urgent', elsewhere(), 1, 1)
    expect(await look(12)).toEqual(ids.slice(0, 12))
    expect(await look(13)).toEqual([urgent, ...ids.slice(0, 12)])
    expect(await look(3)).toEqual([urgent, ...ids.slice(0, 2)])
    const { queueId: first } = await add('first', elsewhere(), 1, 1)
    const readHinted = () => Promise.resolve([{ limit: deploymentLimit('d') }])
    expect(await look(3, { readHinted: () => Promise.resolve([]) })).not.toContain(first)
    expect((await look(3, { readHinted }))[0]).toBe(first)
  })

  it('is forgotten once it yields too few, so that the next look finds what is new', async () => {
    const { add, all, look, ids } = await crowd('left')
    await look(3)
    for (const { runs } of all.slice(1)) await setState(elsewhere(), runs[0]?.id ?? '', { type: 'CANCELLED' })
    const { queueId } = await add('new', elsewhere(), 3)
    expect(await look(3)).toEqual([ids[0]])
    expect(await look(3)).toEqual([ids[0], queueId])
  })

  it('leaves out queues that were paused, for as long as it lasts', async () => {
    const { look, ids } = await crowd('paused')
    const pause = async (paused: boolean) => {
      const queue = await requireQueue(world, 'paused', 'queue-0')
      await updateWorkQueue(elsewhere(), queue, {}, { paused })
    }
    await pause(true)
    expect(await look(3)).toEqual(ids.slice(1, 4))
    await pause(false)
    expect(await look(3)).toEqual(ids.slice(1, 4))
    world.clock.pass(6)
    expect(await look(3)).toEqual(ids.slice(0, 3))
  })
})

it('when nothing waits, nothing is reported as waiting', async () => {
  const quiet = await createWorkPool(world, { name: 'quiet', type: 'ecs:push' })
  const { batches, waits } = await planPoolWork(world, { poolId: quiet.id, dueBefore: NEVER, handOutMax: 10 })
  expect({ batches, waits }).toEqual({ batches: [], waits: [] })
})

it('a look makes at most 20 reads, though all runs are of other deployments, and the cache yields too few', {
  timeout: 60_000,
}, async () => {
  const large = await createWorkPool(world, { name: 'large', type: 'process' })
  const [sample] = await createRuns(world, await commandDeployment(world, { pool: large, name: 'sample' }), 1)
  const runs: FlowRun[] = []
  for (let n = 0; n < 8; n += 1) {
    const { id: queueId } = await createWorkQueue(world, large.name, { name: `queue-${n}` })
    for (let run = 0; run < 250; run += 1) {
      if (sample) runs.push({ ...sample, id: world.ids.uuid(), queueId, deploymentId: world.ids.uuid() })
    }
  }
  await putRuns(world, runs)
  await putLimits(world.table, Object.fromEntries(runs.map((run) => [deploymentLimit(run.deploymentId ?? ''), 0])))
  let reads = 0
  const watched = withInterceptor(world, async ({ name }, go) => {
    if (/Query|Get/.test(name)) reads += 1
    return await go()
  })
  for (let look = 0; look < 2; look += 1) {
    reads = 0
    await planPoolWork(watched, { poolId: large.id, dueBefore: NEVER, handOutMax: 200 })
    expect(reads).toBeLessThanOrEqual(20)
  }
})
