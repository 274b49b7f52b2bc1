import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineOfSort, readyPhase } from '#shared/flow-run/phase.ts'
import { newState } from '#shared/flow-run/state.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { listPhase, listReady } from '#shared/storage/flow-run/list-phase.ts'
import { listReadyLines } from '#shared/storage/flow-run/list-ready-lines.ts'
import { counterexampleOf } from '../../support/faults/counterexample.ts'
import { aRun, at, LIFE } from '../../support/fixtures/a-run.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let last = 0
/** A separate pool with this many waiting runs in each queue, due a second apart; returns the queues in order. */
async function poolWith(counts: readonly number[]) {
  last += 1
  const poolId = `p${last}`
  const queues = counts.map((count, n) => ({ line: `0000000${n}-0000-5000-8000-000000000000`, count }))
  for (const { line, count } of queues) {
    for (let n = 0; n < count; n += 1) {
      const state = newState('SCHEDULED', at(0), { details: { scheduledTime: at(n) } })
      await createRun(world.table, aRun({ id: world.ids.uuid(), poolId, queueId: line, state }))
    }
  }
  return { poolId, queues: queues.filter(({ count }) => count > 0) }
}

it('every queue with waiting runs is found, with its first run and whether the list is complete', async () => {
  const counts = fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 10, max: 14 })), { maxLength: 6 })
  const property = fc.asyncProperty(counts, fc.integer({ min: 1, max: 7 }), async (all, readsMax) => {
    const { poolId, queues } = await poolWith(all)
    const found = await listReadyLines(world.table, poolId, readsMax)
    expect(found.reads).toBeLessThanOrEqual(readsMax)
    // Those that are listed are the first, and all of them where the list says that it is complete.
    const expected = found.complete ? queues : queues.slice(0, found.lines.length)
    expect(found.lines.map(({ line }) => line)).toEqual(expected.map(({ line }) => line))
    expect(found.lines.every(({ first }) => Number(first.sort.slice(-16)) === at(0))).toBe(true)
    // A line that claims to be whole is whole.
    const whole = found.lines.map(({ line, all: rows }) => rows?.length ?? queues.find((q) => q.line === line)?.count)
    expect(whole).toEqual(expected.map(({ count }) => count))
    // A read for each long line, and one for the rest, always suffice.
    expect(!found.complete && readsMax > queues.length).toBe(false)
  })
  expect(await counterexampleOf(property, 40)).toBeUndefined()
})

it('many short lines are found in few reads', async () => {
  const { poolId } = await poolWith(Array.from({ length: 10 }, () => 1))
  for (let n = 0; n < 50; n += 1) {
    const queueId = `1${String(n).padStart(7, '0')}-0000-5000-8000-000000000000`
    await createRun(world.table, aRun({ id: world.ids.uuid(), poolId, queueId }))
  }
  const found = await listReadyLines(world.table, poolId)
  expect(found).toMatchObject({ complete: true, reads: 3 })
  expect(found.lines).toHaveLength(60)
})

it('runs that are due much later share one line, behind those of all queues', async () => {
  const { poolId } = await poolWith([1])
  const state = newState('SCHEDULED', at(0), { details: { scheduledTime: at(86_400) } })
  for (let n = 0; n < 30; n += 1) {
    const queueId = `${String(n).padStart(8, 'f')}-0000-5000-8000-000000000000`
    await createRun(world.table, aRun({ id: world.ids.uuid(), poolId, queueId, state }))
  }
  const found = await listReadyLines(world.table, poolId)
  expect(found).toMatchObject({ complete: true, reads: 1, later: { line: 'later', all: undefined } })
  expect(found.lines).toHaveLength(1)
})

it('the due runs of a queue are listed oldest first, bounds included, page by page', async () => {
  const { poolId, queues } = await poolWith([5, 5])
  const line = queues[1]?.line ?? ''
  const query = { poolId, line, dueAfter: at(1), dueBefore: at(3), limit: 2 }
  const first = await listReady(world.table, query)
  const second = await listReady(world.table, { ...query, after: first.after })
  const dues = [...first.rows, ...second.rows].map(({ sort }) => Number(sort.slice(-16)))
  expect(dues).toEqual([at(1), at(2), at(3)])
  expect(first.rows.every((row) => row.queueId === line && lineOfSort(row.sort) === line)).toBe(true)
})

it('a phase can be read backwards, and shows what a decision needs', async () => {
  const { poolId } = await poolWith([3])
  const { rows } = await listPhase(world.table, { phase: readyPhase(poolId), limit: 1, descending: true })
  expect(rows).toEqual([
    {
      runId: expect.any(String) as string,
      sort: `00000000-0000-5000-8000-000000000000#${String(at(2)).padStart(16, '0')}`,
      life: LIFE,
      generation: 0,
      deploymentId: aRun().deploymentId,
      queueId: '00000000-0000-5000-8000-000000000000',
    },
  ])
})
