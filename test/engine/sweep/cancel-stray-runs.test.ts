import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cancelStrayRuns, clearDeletedPool, strayQueues } from '#shared/engine/sweep/cancel-stray-runs.ts'
import { inspectReadyLines } from '#shared/engine/sweep/inspect-ready-lines.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { idFromName } from '#shared/ids.ts'
import { deploymentLimit, queueLimit } from '#shared/limit/limit.ts'
import { getPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { aRun, at, runIn } from '../../support/fixtures/a-run.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let pool: WorkPool
beforeEach(async () => {
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'pull', type: 'process' })
})
afterEach(() => world.close())

const GONE = idFromName('queue', 'gone')
const later = { nextScheduledStartTime: at(7_200) }
const blocked = { blockedBy: deploymentLimit('d') }
const put = (runs: Record<string, Partial<FlowRun>>) =>
  putRuns(
    world,
    Object.entries(runs).map(([id, run]) => aRun({ id, poolId: pool.id, queueId: GONE, ...run })),
  )
const stateOf = async (id: string) => (await readRun(world, id)).state
/** What each of so many ticks finds. */
async function ticks<T>(n: number, look: () => Promise<T>): Promise<T[]> {
  const found: T[] = []
  for (let tick = 0; tick < n; tick += 1) {
    found.push(await look())
    world.clock.pass(60)
  }
  return found
}

describe('runs of a queue that is gone', () => {
  it('are looked for in the lines that are of no queue, every five ticks, each pool in another one', async () => {
    const mine = { queueId: pool.defaultQueueId }
    await put({ later, 'own later': { ...later, ...mine }, 'own blocked': { ...blocked, ...mine } })
    await put({ blocked: { ...blocked, queueId: idFromName('queue', 'blocked') } })
    const found = await ticks(10, () => strayQueues(world, pool.id))
    const looks = found.flatMap((queues, tick) => (queues.length > 0 ? [tick] : []))
    expect(looks).toEqual([looks[0], (looks[0] ?? 0) + 5])
    expect(new Set(found[looks[0] ?? 0])).toEqual(new Set([GONE, idFromName('queue', 'blocked')]))
    const [one, two] = ['00000000-a', '00010000-a']
    await put({ one: { ...later, poolId: one }, two: { ...later, poolId: two } })
    const first = await ticks(5, async () => (await strayQueues(world, one)).length)
    const second = await ticks(5, async () => (await strayQueues(world, two)).length)
    expect([first.indexOf(1), second.indexOf(1)]).toEqual([(second.indexOf(1) + 1) % 5, second.indexOf(1)])
  })

  it('are ended with the reason, unless the queue is there again', async () => {
    await put({ line: {}, later, other: { queueId: pool.defaultQueueId } })
    expect(await cancelStrayRuns(world, pool.id, [GONE, pool.defaultQueueId])).toBe(2)
    expect(await stateOf('line')).toMatchObject({
      type: 'CANCELLED',
      message: 'The work queue of the run was deleted.',
    })
    expect([(await stateOf('later')).type, (await stateOf('other')).type]).toEqual(['CANCELLED', 'SCHEDULED'])
    await put({ again: {} })
    await putLimits(world.table, { [queueLimit(GONE)]: 1 })
    expect(await cancelStrayRuns(world, pool.id, [GONE])).toBe(0)
  })

  it('are found in line at once, and elsewhere though nothing is in line', async () => {
    await put({ line: {}, own: { queueId: pool.defaultQueueId } })
    expect(await inspectReadyLines(world, { id: pool.id, push: false })).toBe(1)
    expect([(await stateOf('line')).type, (await stateOf('own')).type]).toEqual(['CANCELLED', 'SCHEDULED'])
    await put({ own: { state: runIn('CANCELLED').state, endTime: at(0) }, blocked })
    expect(await ticks(5, () => inspectReadyLines(world, { id: pool.id, push: false }))).toContain(1)
    await put({ own: { queueId: pool.defaultQueueId }, 'blocked again': blocked })
    expect(await ticks(5, () => inspectReadyLines(world, { id: pool.id, push: false }))).toContain(1)
  })
})

describe('a pool that was deleted', () => {
  const lines = async () => (await getPoolLines(world.table, pool.id)) ?? expect.fail('no lines')
  const isKnown = async () => (await getPoolLines(world.table, pool.id)) !== undefined
  const clear = async () => await clearDeletedPool(world, await lines())

  it('has the runs ended that came in while it was, and no other pool has', async () => {
    await put({ line: {} })
    expect(await clear()).toBe(0)
    await deleteWorkPool(world, 'pull')
    await put({ line: {}, later, blocked })
    expect(await clear()).toBe(3)
    expect(await stateOf('line')).toMatchObject({ message: "Work pool 'pull' of the run was deleted." })
  })

  it('is forgotten once nothing is in it, and whoever saw it must be done', async () => {
    await deleteWorkPool(world, 'pull')
    await clear()
    world.clock.pass(15 * 60 - 1)
    await clear()
    expect(await isKnown()).toBe(true)
    world.clock.pass(2)
    await put({ line: {} })
    expect([await clear(), await isKnown()]).toEqual([1, true])
    await putRuns(world, [runIn('RUNNING', { id: 'held', poolId: pool.id })])
    expect([await clear(), await isKnown()]).toEqual([0, true])
    await putRuns(world, [runIn('COMPLETED', { id: 'held', poolId: pool.id })])
    expect([await clear(), await isKnown()]).toEqual([0, false])
  })

  it('is kept while it is there again', async () => {
    await deleteWorkPool(world, 'pull')
    const before = await lines()
    world.clock.pass(16 * 60)
    await createWorkPool(world, { name: 'pull', type: 'process' })
    await put({ line: {} })
    expect(await clearDeletedPool(world, before)).toBe(0)
    expect([(await stateOf('line')).type, await isKnown()]).toEqual(['SCHEDULED', true])
  })
})
