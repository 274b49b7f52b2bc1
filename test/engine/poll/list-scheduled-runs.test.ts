import { expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { listScheduledRuns } from '#shared/engine/poll/list-scheduled-runs.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { putRoomHint } from '#shared/storage/limit/room-hints.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { laggingIndex } from '../../support/faults/lagging-index.ts'
import { commandDeployment, createRuns } from '../../support/fixtures/fixtures.ts'
import { createManyRuns, putRuns } from '../../support/fixtures/many-runs.ts'
import { setLimit } from '../../support/fixtures/put-limits.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let pool: WorkPool
stageForEachTest(async (stage) => {
  world = stage.world
  pool = await createWorkPool(world, { name: 'pull', type: 'process' })
})

const queueNamed = (name: string, priority?: number) => createWorkQueue(world, pool.name, { name, priority })
const deploymentIn = (queue: WorkQueue, name: string, concurrencyLimit?: number) =>
  commandDeployment(world, {
    pool,
    queueId: queue.id,
    name,
    ...(concurrencyLimit === undefined ? {} : { concurrencyLimit }),
  })
const offered = async (query: { limit: number; queues?: WorkQueue[] }, deps: Deps = world): Promise<string[]> =>
  (await listScheduledRuns(deps, { poolId: pool.id, ...query })).map(({ run }) => run.id)

/** The world, and what was read of the table since, as commands with their inputs. */
function watched(): { deps: Deps; reads: { name: string; input: { Limit?: number } }[] } {
  const reads: { name: string; input: { Limit?: number } }[] = []
  const deps = withInterceptor(world, async ({ name, input }, go) => {
    if (/Query|Get/.test(name)) reads.push({ name, input: input as { Limit?: number } })
    return await go()
  })
  return { deps, reads }
}

it('of queues that are named, those with the highest priority come first, in whatever order they are named', async () => {
  const [low, high, middle] = [
    await queueNamed('low', 30),
    await queueNamed('high', 10),
    await queueNamed('middle', 20),
  ]
  const runs = new Map<WorkQueue, string>()
  for (const queue of [low, middle, high]) {
    const [run] = await createRuns(world, await deploymentIn(queue, queue.name), 1)
    runs.set(queue, run?.id ?? '')
  }
  expect(await offered({ limit: 10, queues: [low, high, middle] })).toEqual(
    [high, middle, low].map((each) => runs.get(each)),
  )
  expect(await offered({ limit: 1, queues: [middle, high] })).toEqual([runs.get(high)])
})

it('a poll for few runs begins with short reads, and an idle one looks once', async () => {
  const { deps, reads } = watched()
  await offered({ limit: 1 }, deps)
  expect(reads.length).toBeLessThanOrEqual(4)
  const queue = await queueNamed('work')
  await createRuns(world, await deploymentIn(queue, 'd'), 1)
  reads.length = 0
  await offered({ limit: 1, queues: [queue] }, deps)
  expect(reads.some(({ input }) => input.Limit === 2)).toBe(true)
})

it('runs that were just parked hide none behind them, however long the index shows them in line', async () => {
  const queue = await queueNamed('work')
  await createManyRuns(world, await deploymentIn(queue, 'full', 0), 350)
  const [startable] = await createRuns(world, await deploymentIn(queue, 'free'), 1)
  const index = laggingIndex(world.table)
  await index.catchUp()
  expect(await offered({ limit: 1 }, withInterceptor(world, index.intercept))).toEqual([startable?.id])
})

it('a limit that got room is followed past paused queues, however many of its runs wait there', async () => {
  const [first, ...others] = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => queueNamed(`queue-${n}`)))
  if (!first) throw new Error('no queue')
  const deployment = await deploymentIn(first, 'limited', 1)
  const [holder, waiting] = await createRuns(world, deployment, 2)
  await setState(world, holder?.id ?? '', { type: 'PENDING' })
  const parked = await setState(world, waiting?.id ?? '', { type: 'PENDING' })
  const copies = others.map(({ id }) => ({ ...parked.run, id: world.ids.uuid(), queueId: id }))
  await putRuns(world, copies)
  const open = [first, ...others].toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-1)
  for (const queue of [first, ...others]) if (queue !== open) await updateWorkQueue(world, queue, {}, { paused: true })
  await setLimit(world.table, deploymentLimit(deployment.id), 2)
  await putRoomHint(world.table, pool.id, { limit: deploymentLimit(deployment.id), stamp: 's' })
  const expected = open === first ? waiting?.id : copies.find(({ queueId }) => queueId === open?.id)?.id
  expect(await offered({ limit: 1 })).toEqual([expected])
})
