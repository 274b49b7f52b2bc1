import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRunCores, getSizedRuns, type SizedRun } from '#shared/storage/flow-run/get-sized-runs.ts'
import { aRun, someDetails } from '../../support/fixtures/a-run.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
const idOf = (n: number) => `0198a1b2-c3d4-7e5f-8a9b-${String(n).padStart(12, '0')}`
const MISSING = idOf(999)
/** Runs 0 to 39 in the order of their numbers, every fourth one of 600 kB, which takes two chunks. */
const IDS = Array.from({ length: 40 }, (_, n) => idOf(n))
const filling = (n: number) => (n % 4 === 0 ? 'x'.repeat(600_000) : 'x'.repeat(n % 3 === 0 ? 500 : 5))

beforeAll(async () => {
  world = await openWorld()
  for (const [n, id] of IDS.entries()) {
    await createRun(world.table, aRun({ id, details: someDetails({ parameters: { n, filling: filling(n) } }) }))
  }
}, 60_000)
afterAll(() => world.close())

async function groupsOf(ids: readonly string[]): Promise<SizedRun[][]> {
  const groups: SizedRun[][] = []
  for await (const group of getSizedRuns(world.table, ids)) groups.push(group)
  return groups
}

it('returns whole runs, each once, in the order requested, without missing ones', async () => {
  const asked = [...IDS.toReversed(), MISSING, idOf(3)]
  const runs = (await groupsOf(asked)).flat()
  expect(runs.map(({ run }) => run.id)).toEqual(IDS.toReversed())
  for (const { run, detailBytes } of runs) {
    const { n } = run.details.parameters as { n: number }
    expect(run.details.parameters).toEqual({ n, filling: filling(n) })
    expect(detailBytes === 0 || detailBytes > filling(n).length).toBe(true)
  }
  expect(await groupsOf([])).toEqual([])
  // None of these has details beside its own item.
  expect(await groupsOf(IDS.filter((_, n) => n % 4 !== 0))).toHaveLength(1)
})

it('returns large runs in groups that fit into memory', async () => {
  const large = IDS.filter((_, n) => n % 4 === 0)
  // The first group's size is a guess; the next ones follow the sizes seen.
  const many = Array.from({ length: 70 }, (_, n) => idOf(1_000 + n))
  for (const [n, id] of many.entries()) {
    await createRun(world.table, aRun({ id, details: someDetails({ parameters: { n, filling: filling(0) } }) }))
  }
  const groups = await groupsOf([...large, ...many])
  const sizes = groups.map((group) => group.reduce((sum, { detailBytes }) => sum + detailBytes, 0))
  // A hundred chunks, two for each run, and then 16 MB of runs that have 600 kB each.
  expect(groups.map((group) => group.length)).toEqual([50, 27, 3])
  expect(Math.max(...sizes.slice(1))).toBeLessThan(18_000_000)
}, 60_000)

it('reads cores without anything large', async () => {
  const [core] = await getRunCores(world.table, [idOf(0), MISSING])
  expect(core).toMatchObject({ id: idOf(0), state: { type: 'SCHEDULED' } })
  expect(JSON.stringify(core).length).toBeLessThan(2_000)
})
