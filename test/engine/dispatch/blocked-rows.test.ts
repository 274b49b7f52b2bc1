import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blockedRows, type HintedLimit, type SeenLimit, stillHinted } from '#shared/engine/dispatch/blocked-rows.ts'
import { LookReads } from '#shared/engine/dispatch/look-reads.ts'
import { blockedElsewhere, laterElsewhere } from '#shared/engine/dispatch/rows-elsewhere.ts'
import { LATER_LINE, readySort } from '#shared/flow-run/phase.ts'
import { idFromName } from '#shared/ids.ts'
import { type Limit, type LimitKey, unlimited } from '#shared/limit/limit.ts'
import type { PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import { aRun, at, POOL_ID } from '../../support/fixtures/a-run.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { openWorld, type World } from '../../support/world.ts'

const LIMIT: LimitKey = 'deployment#limit'
/** Queues in the order of their lines. */
const [A, B, C] = ['a', 'b', 'c'].map((name) => idFromName('queue', name)).toSorted() as [string, string, string]

describe('a look at runs that wait for limits with room', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
    await wait(A, 60)
    await wait(B, 60)
    await wait(C, 1)
    await wait(A, 3, 'deployment#short')
    await wait(A, 1, 'deployment#full')
    await wait(A, 1, 'deployment#gone')
  })
  afterAll(() => world.close())

  const idOf = (queueId: string, n: number, limit = LIMIT) => `${queueId}/${n}/${limit}`
  const wait = (queueId: string, n: number, blockedBy = LIMIT) =>
    putRuns(
      world,
      Array.from({ length: n }, (_, due) => {
        return aRun({ id: idOf(queueId, due, blockedBy), queueId, blockedBy, nextScheduledStartTime: at(due) })
      }),
    )
  const limits = (available: number) =>
    new Map<LimitKey, Limit>([
      [LIMIT, { ...unlimited(LIMIT), limit: available, available }],
      ['deployment#short', unlimited('deployment#short')],
      ['deployment#full', { ...unlimited('deployment#full'), limit: 0, available: 0 }],
    ])
  const look = async (hint: HintedLimit, { room = 1, reads = 20, lost = [] as string[] } = {}) => {
    const left = new LookReads(reads)
    const search = { poolId: POOL_ID, lost: new Set(lost) }
    const seen = await blockedRows(world, search, [hint], limits(room), left)
    return { seen: seen[0], read: reads - left.left }
  }
  const countsOf = (seen: SeenLimit | undefined) =>
    [A, B, C].map((id) => seen?.rows.filter((row) => row.queueId === id).length)

  it('sees those of the first two lines, about as many as there is room for', async () => {
    const { seen, read } = await look({ limit: LIMIT })
    expect(countsOf(seen)).toEqual([12, 12, 0])
    expect(seen).toMatchObject({ limit: LIMIT, from: undefined, after: B, cut: true, exhausted: false })
    expect(read).toBe(2)
    expect(countsOf((await look({ limit: LIMIT }, { room: 20 })).seen)).toEqual([20, 20, 0])
    expect(countsOf((await look({ limit: LIMIT }, { room: 1_000 })).seen)).toEqual([50, 50, 0])
  })

  it('goes on after a line, up to the last', async () => {
    const { seen } = await look({ limit: LIMIT, after: A })
    expect(countsOf(seen)).toEqual([0, 12, 1])
    expect(seen).toMatchObject({ from: A, after: C, cut: true, exhausted: true })
    const rest = await look({ limit: LIMIT, after: B })
    expect(countsOf(rest.seen)).toEqual([0, 0, 1])
    expect([rest.seen, rest.read]).toMatchObject([{ limit: LIMIT, from: B, after: C, cut: false, exhausted: true }, 1])
    expect((await look({ limit: LIMIT, after: C })).seen).toMatchObject({ after: C, rows: [], exhausted: true })
  })

  it('passes over those that others took, and sees others in their place', async () => {
    const lost = [idOf(A, 0), idOf(A, 1)]
    const { seen } = await look({ limit: LIMIT }, { lost })
    expect(countsOf(seen)).toEqual([12, 14, 0])
    expect(seen?.rows.some(({ runId }) => lost.includes(runId))).toBe(false)
  })

  it('reads nothing of a limit without room, and as much as it may of one that is gone', async () => {
    expect(await look({ limit: 'deployment#full' })).toEqual({ seen: undefined, read: 0 })
    expect((await look({ limit: 'deployment#gone' })).seen?.rows).toHaveLength(1)
    expect((await look({ limit: 'deployment#short' })).seen).toMatchObject({ cut: false, exhausted: true })
  })

  it('leaves four reads to the plan, and comes to no end without them', async () => {
    const { seen, read } = await look({ limit: LIMIT, after: A }, { reads: 4 })
    expect([seen, read]).toEqual([{ limit: LIMIT, from: A, after: A, rows: [], cut: false, exhausted: false }, 0])
    expect((await look({ limit: LIMIT }, { reads: 5 })).read).toBe(1)
  })
})

const row = (queueId: string, runId: string): PhaseEntryRow => {
  return { runId, queueId, life: '', sort: '', generation: 0, deploymentId: null }
}
const seen = (rows: PhaseEntryRow[], rest: Partial<SeenLimit> = {}): SeenLimit => {
  return { limit: LIMIT, from: undefined, after: B, rows, cut: false, exhausted: false, ...rest }
}

describe('a limit that was looked through', () => {
  const still = (limit: SeenLimit, planned: string[] = [], unreached: string[] = []) =>
    stillHinted([limit], { planned: new Set(planned), unreached: new Set(unreached) })

  it('is looked through from the beginning once some of its runs are handed out', () => {
    const found = seen([row(A, '1'), row(B, '2')], { from: C, exhausted: true })
    expect(still(found, ['2'], [A])).toStrictEqual([{ limit: LIMIT }])
  })

  it('is looked through once more from where the look began, when that did not get to a queue', () => {
    expect(still(seen([row(A, '1'), row(B, '2')], { from: C, exhausted: true }), [], [A])).toEqual([
      { limit: LIMIT, after: C },
    ])
  })

  it('is looked through from where the look ended, unless that was the end', () => {
    expect(still(seen([row(A, '1')]), ['9'], [C])).toEqual([{ limit: LIMIT, after: B }])
    expect(still(seen([row(A, '1')], { exhausted: true }))).toEqual([])
  })
})

describe('runs of queues that a look does not search', () => {
  const elsewhere = (limit: SeenLimit, available: number | undefined, planned: string[] = []) => {
    const limits = available === undefined ? [] : [[LIMIT, { ...unlimited(LIMIT), available }] as const]
    return blockedElsewhere([limit], new Set([A]), new Set(planned), new Map(limits))
  }
  const rows = [row(A, 'own'), row(B, '1'), row(B, '2'), row(C, '3')]

  it('go into line as far as the limit has room beside those that are handed out', () => {
    expect(elsewhere(seen(rows), 2)).toEqual({ moved: ['1', '2'], left: [] })
    expect(elsewhere(seen(rows), 2, ['own'])).toEqual({ moved: ['1'], left: [] })
    expect(elsewhere(seen(rows), 0, ['own'])).toEqual({ moved: [], left: [] })
    expect(elsewhere(seen(rows), undefined)).toEqual({ moved: ['1', '2', '3'], left: [] })
  })

  it('are looked for again where there is room for more of them than were seen', () => {
    expect(elsewhere(seen(rows, { cut: true }), 4).left).toEqual([LIMIT])
    expect(elsewhere(seen(rows, { cut: true }), 3).left).toEqual([])
    expect(elsewhere(seen(rows), 4).left).toEqual([])
    expect(elsewhere(seen([row(A, 'own')], { cut: true }), 4).left).toEqual([])
  })

  it('go into line when they are due and fill the line of those that were due much later', () => {
    const later = (queueId: string, runId: string, seconds: number) => {
      return { ...row(queueId, runId), sort: readySort(LATER_LINE, at(seconds)) }
    }
    const found = [later(A, 'own', 0), later(B, '1', 0), later(B, '2', 60), later(C, '3', 61)]
    const move = (fill: number) => laterElsewhere(found, new Set([A]), { fill, now: at(60) })
    expect([move(4), move(5)]).toEqual([['1', '2'], []])
  })
})

it('a look takes no more reads than it has left beside those that it keeps', () => {
  const reads = new LookReads(10)
  expect([reads.take(3), reads.take(9, 4), reads.take(1, 4), reads.take(9), reads.take(1)]).toEqual([3, 3, 0, 4, 0])
  expect(reads.left).toBe(0)
})
