import type { QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { type CancelOrder, cancelWaitingRuns } from '#shared/engine/deletion/cancel-waiting-runs.ts'
import { lineRanges, type Where } from '#shared/engine/deletion/line-ranges.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { blockedPhase, LATER_LINE, readyPhase, readySort } from '#shared/flow-run/phase.ts'
import { NEVER } from '#shared/instant.ts'
import { deploymentLimit, queueLimit } from '#shared/limit/limit.ts'
import { absenceCheck } from '#shared/storage/deletion/deletion-check.ts'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { laggingIndex } from '../../support/faults/lagging-index.ts'
import { withPagesOf } from '../../support/faults/small-pages.ts'
import { aRun, at, runIn } from '../../support/fixtures/a-run.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { openMemoryStage } from '../../support/stage.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let [one, two]: WorkPool[] = []
let [first, second]: string[] = []
beforeEach(async () => {
  world = await openWorld()
  one = await createWorkPool(world, { name: 'one', type: 'process' })
  two = await createWorkPool(world, { name: 'two', type: 'process' })
  first = (await createWorkQueue(world, 'one', { name: 'first' })).id
  second = (await createWorkQueue(world, 'one', { name: 'second' })).id
})
afterEach(() => world.close())

const message = 'It was deleted.'
/** Puts runs that wait, by names that say where. */
async function put(runs: Record<string, Partial<FlowRun>>): Promise<void> {
  const place = { poolId: one?.id, queueId: first } as Partial<FlowRun>
  await putRuns(
    world,
    Object.entries(runs).map(([id, run]) => aRun({ id, ...place, deploymentId: 'd', ...run })),
  )
}
async function cancel(where: Where, rest: Partial<CancelOrder> = {}, deps: Deps = world) {
  const check = absenceCheck(world.table, queueLimit('gone'))
  return await cancelWaitingRuns(deps, { where, message, check, ...rest })
}
/** Of these runs, those that are cancelled by now. */
async function cancelled(...ids: string[]): Promise<string[]> {
  const runs = await Promise.all(ids.map((id) => readRun(world, id)))
  return runs.filter(({ state }) => state.type === 'CANCELLED').map(({ id }) => id)
}
const later = { nextScheduledStartTime: at(3_600) }
const blocked = { blockedBy: deploymentLimit('d') }

describe('runs that wait', () => {
  it('in a queue are cancelled in its line, in the one of later runs, and where they wait for a limit', async () => {
    const elsewhere = { queueId: second } as Partial<FlowRun>
    await put({ line: {}, later, blocked })
    await put({ 'other line': elsewhere, 'other later': { ...later, ...elsewhere } })
    await put({ 'other blocked': { ...blocked, ...elsewhere }, 'other pool': { poolId: two?.id ?? '' } })
    const where = { poolId: one?.id ?? '', queueId: first ?? '' }
    expect(await cancel(where)).toEqual({ cancelled: 3, outcome: 'complete' })
    expect(await cancelled('line', 'later', 'blocked')).toEqual(['line', 'later', 'blocked'])
    expect(await cancelled('other line', 'other later', 'other blocked', 'other pool')).toEqual([])
    expect((await readRun(world, 'line')).state.message).toBe(message)
  })

  it('in a pool are cancelled whatever their queue, and in no other', async () => {
    const elsewhere = { queueId: 'second' }
    await put({ line: {}, later, blocked, 'other line': elsewhere, 'other pool': { poolId: two?.id ?? '' } })
    expect(await cancel({ poolId: one?.id ?? '' })).toMatchObject({ cancelled: 4 })
    expect(await cancelled('line', 'later', 'blocked', 'other line', 'other pool')).toHaveLength(4)
    expect((await readRun(world, 'other pool')).state.type).toBe('SCHEDULED')
  })

  it('for a deployment are cancelled in any pool and in none, and those of no other', async () => {
    const other = { deploymentId: 'e' }
    await put({ line: {}, later, blocked, pool: { poolId: two?.id ?? '' }, none: { poolId: null, queueId: null } })
    await put({ 'other line': other, 'other later': { ...later, ...other } })
    await put({ 'other none': { ...other, poolId: null, queueId: null }, 'other blocked': { ...blocked, ...other } })
    await put({ 'blocked elsewhere': { ...blocked, poolId: two?.id ?? '' } })
    expect(await cancel({ deploymentId: 'd' })).toEqual({ cancelled: 6, outcome: 'complete' })
    expect(await cancelled('line', 'later', 'blocked', 'pool', 'none', 'blocked elsewhere')).toHaveLength(6)
    expect(await cancelled('other line', 'other later', 'other none', 'other blocked')).toEqual([])
  })

  it('are all found, however few a page of the index holds', async () => {
    await put(Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`run-${n}`, {}])))
    await put({ later, blocked })
    const others = Array.from({ length: 5 }, (_, n) => [`other-${n}`, { ...later, queueId: second ?? '' }] as const)
    await put(Object.fromEntries(others))
    const where = { poolId: one?.id ?? '', queueId: first ?? '' }
    expect(await cancel(where, {}, withPagesOf(world, 2))).toEqual({ cancelled: 9, outcome: 'complete' })
  })

  it('are judged by what they say by then, not by the index', async () => {
    await put({ stays: {}, moves: {}, turns: {}, starts: {} })
    const index = laggingIndex(world.table)
    await index.catchUp()
    await put({ moves: { poolId: two?.id ?? '' }, turns: { queueId: second ?? '' } })
    await putRuns(world, [runIn('RUNNING', { id: 'starts', poolId: one?.id ?? '', queueId: first ?? '' })])
    const lagging = withInterceptor(world, index.intercept)
    expect(await cancel({ poolId: one?.id ?? '', queueId: first ?? '' }, {}, lagging)).toMatchObject({ cancelled: 1 })
    expect(await cancelled('stays', 'moves', 'turns', 'starts')).toEqual(['stays'])
  })

  it('are left alone once the check fails', async () => {
    await put(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`run-${n}`, {}])))
    let writes = 0
    const overtaken = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb TransactWriteItemsCommand') writes += 1
      if (writes === 2) await putLimits(world.table, { [queueLimit('gone')]: 1 })
      return await go()
    })
    expect(await cancel({ poolId: one?.id ?? '' }, {}, overtaken)).toEqual({ cancelled: 50, outcome: 'outdated' })
  })
})

describe('a look that would take too long', () => {
  /** An index in which the pool's line goes on for ever, all of it runs of another deployment. */
  function endless(queries: string[]): Deps {
    const row = { pk: 'run#other', life: '', generation: 0, deploymentId: 'e', queueId: first ?? '' }
    const other = toItem({ ...row, phaseSort: '0' })
    return withInterceptor(world, <T>({ name, input }: { name: string; input: unknown }, go: () => Promise<T>) => {
      const { ExpressionAttributeValues: values = {}, Limit = 0 } = input as QueryCommandInput
      const phase = values[':phase']?.S
      if (name !== 'dynamodb QueryCommand' || phase !== readyPhase(one?.id ?? '')) return go()
      if (queries.push(values[':from']?.S ?? '') > 250) throw new Error('it goes on for ever')
      const item = toItem({ ...row, phaseSort: readySort('line', queries.length) })
      const Items = [...Array.from({ length: Limit - 1 }, () => other), item]
      const output = { Items, LastEvaluatedKey: item, $metadata: {} }
      return Promise.resolve({ response: {}, output } as T)
    })
  }

  it('stops, and says where the next one goes on', async () => {
    const queries: string[] = []
    const sort = readySort('line', 200)
    const from = { phase: readyPhase(one?.id ?? ''), sort }
    expect(await cancel({ deploymentId: 'd' }, {}, endless(queries))).toEqual({ cancelled: 0, outcome: 'more', from })
    expect(queries).toHaveLength(200)
    queries.splice(0)
    await cancel({ deploymentId: 'd' }, { from }, endless(queries))
    expect(queries[0]).toBe(sort)
  })

  it('goes on with that part of the index, and then with those behind it', async () => {
    await put({ before: { nextScheduledStartTime: at(-9) }, after: {}, blocked })
    await put({ pool: { poolId: two?.id ?? '' }, none: { poolId: null, queueId: null } })
    const from = { phase: readyPhase(one?.id ?? ''), sort: readySort(first ?? '', at(-5)) }
    const order = [one?.id ?? '', two?.id ?? ''].toSorted()
    await cancel({ deploymentId: 'd' }, { from })
    expect(await cancelled('before', 'after', 'blocked', 'none')).toEqual(['after', 'blocked'])
    expect(await cancelled('pool')).toEqual(order[1] === two?.id ? ['pool'] : [])
  })

  it('goes on with a line of the same pool', async () => {
    const where = { poolId: one?.id ?? '', queueId: first ?? '' }
    await put({ line: {}, 'later before': later, 'later after': { nextScheduledStartTime: at(7_200) }, blocked })
    await cancel(where, { from: { phase: readyPhase(one?.id ?? ''), sort: readySort(LATER_LINE, at(5_000)) } })
    expect(await cancelled('line', 'later before', 'later after', 'blocked')).toEqual(['later after', 'blocked'])
  })

  it('looks through all of what is behind', async () => {
    const [, last] = [one?.id ?? '', two?.id ?? ''].toSorted()
    await put({ last: { poolId: last ?? '' } })
    const [, before] = await lineRanges(world, { deploymentId: 'd' })
    await cancel({ deploymentId: 'd' }, { from: { phase: before?.phase ?? '', sort: 'deployment#d#~' } })
    expect(await cancelled('last')).toEqual(['last'])
  })

  it('begins where all does when that part of the index is none any more', async () => {
    await put({ line: {}, none: { poolId: null, queueId: null } })
    const from = { phase: readyPhase('gone'), sort: 'z' }
    expect(await cancel({ deploymentId: 'd' }, { from })).toEqual({ cancelled: 2, outcome: 'complete' })
  })
})

it('no part of the index is looked at that has no such run', async () => {
  const ends = (ranges: Awaited<ReturnType<typeof lineRanges>>) =>
    ranges.map(({ phase, from, to }) => [phase, from, to])
  const line = (phase: string, name: string) => [phase, readySort(name, 0), readySort(name, NEVER)]
  const [ready, blockedIn] = [readyPhase(one?.id ?? ''), blockedPhase(one?.id ?? '')]
  const everywhere = [blockedIn, undefined, undefined]
  const ofQueue = await lineRanges(world, { poolId: one?.id ?? '', queueId: 'q' })
  expect(ends(ofQueue)).toEqual([line(ready, 'q'), line(ready, LATER_LINE), everywhere])
  const ofPool = await lineRanges(world, { poolId: one?.id ?? '' })
  expect(ends(ofPool)).toEqual([[ready, undefined, undefined], everywhere])
  const [own, ownBlocked, ...rest] = ends(await lineRanges(world, { deploymentId: 'd' }))
  const waits = (phase: string) => [phase, 'deployment#d#', 'deployment#d#~']
  expect([own, ownBlocked]).toEqual([line(readyPhase(null), 'd'), waits(blockedPhase(null))])
  expect(rest).toHaveLength(4)
  expect(rest).toEqual(expect.arrayContaining([[ready, undefined, undefined], waits(blockedIn)]))
})

it('no more are cancelled than one request may', { timeout: 60_000 }, async () => {
  const memory = (await openMemoryStage()).world
  const runs = Array.from({ length: 2_050 }, (_, n) => aRun({ id: `run-${n}`, poolId: 'p', queueId: 'q' }))
  await putRuns(memory, runs)
  const order = { where: { poolId: 'p' }, message, check: absenceCheck(memory.table, queueLimit('gone')) }
  const from = { phase: readyPhase('p'), sort: '0' }
  expect(await cancelWaitingRuns(memory, { ...order, from })).toEqual({ cancelled: 2_000, outcome: 'more', from })
  expect(await cancelWaitingRuns(memory, order)).toEqual({ cancelled: 50, outcome: 'complete' })
})
