import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HISTORY_MAX, HISTORY_MESSAGE_MAX, INLINE_DETAILS_BYTES_MAX } from '#shared/bounds.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { runKey } from '#shared/storage/dynamo/table.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRun, getRuns } from '#shared/storage/flow-run/get-run.ts'
import { encodeDetails } from '#shared/storage/flow-run/run-details.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { counterexampleOf } from '../../support/faults/counterexample.ts'
import { aRun, someDetails, T0 } from '../../support/fixtures/a-run.ts'
import { arbitraryRun, someDetailsOf } from '../../support/fixtures/arbitrary-run.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let last = 0
/** Every run of this file has an id of its own. */
const freshId = () => `0198a1b2-c3d4-7e5f-8a9b-${(++last).toString(16).padStart(8, '0')}0000`

/** How many items hold the run's details besides its own. */
async function chunksOf(runId: string): Promise<number> {
  const items = await queryAll(world.table, { keyCondition: '#pk = :pk', values: { pk: runKey(runId).pk } })
  return items.filter((item) => item.sk !== 'run').length
}

const parameters = (bytes: number) => ({ text: 'x'.repeat(bytes) })
const sized = (bytes: number) => someDetails({ parameters: parameters(bytes) })

describe('any run', () => {
  it('is read back as it was created, alone and among others', async () => {
    const property = fc.asyncProperty(arbitraryRun, async (given) => {
      const run = { ...given, id: freshId() }
      expect(await createRun(world.table, run)).toBe(true)
      expect(await getRun(world.table, run.id)).toEqual(run)
      expect(await getRuns(world.table, ['missing', run.id, run.id])).toEqual([run])
    })
    expect(await counterexampleOf(property, 150)).toBeUndefined()
  })

  it('is read back as it was saved over any other', async () => {
    const property = fc.asyncProperty(arbitraryRun, arbitraryRun, async (first, second) => {
      const before = { ...first, id: freshId() }
      const after = { ...second, id: before.id }
      await createRun(world.table, before)
      expect(await saveRun(world.table, before, after)).toBe(true)
      expect(await getRun(world.table, before.id)).toEqual({ ...after, revision: before.revision + 1 })
    })
    expect(await counterexampleOf(property, 150)).toBeUndefined()
  })
})

it('a run takes no bytes for what it does not have', async () => {
  const run = aRun({ id: freshId(), deploymentId: null, poolId: null, queueId: null, job: null })
  await createRun(world.table, run)
  const own = ['pk', 'sk', 'life', 'flowId', 'state', 'seq', 'history', 'generation', 'startAt', 'due', 'created']
  const item = await getItem(world.table, runKey(run.id))
  const all = new Set([...own, 'revision', 'details', 'listKey', 'phase', 'phaseSort'])
  expect(new Set(Object.keys(item ?? {}))).toEqual(all)
})

describe('details of any size', () => {
  const SIZES: [number, number][] = [
    [0, 0],
    [INLINE_DETAILS_BYTES_MAX - 49, 0],
    [INLINE_DETAILS_BYTES_MAX + 1, 1],
    [300_000, 1],
    [400_000, 2],
    [1_000_000, 3],
  ]
  it.each(SIZES)("%i bytes of parameters take %i items beside the run's own", async (bytes, chunks) => {
    const run = aRun({ id: freshId(), details: sized(bytes) })
    expect(await createRun(world.table, run)).toBe(true)
    expect(await chunksOf(run.id)).toBe(chunks)
    expect(await getRun(world.table, run.id)).toEqual(run)
    expect(await getRuns(world.table, [run.id])).toEqual([run])
  })

  it('multi-byte characters may be split between two items', async () => {
    for (const shift of ['', 'x', 'xx', 'xxx']) {
      const run = aRun({ id: freshId(), details: someDetails({ parameters: { text: shift + '😀é'.repeat(80_000) } }) })
      await createRun(world.table, run)
      expect(await chunksOf(run.id)).toBe(2)
      expect(await getRun(world.table, run.id)).toEqual(run)
    }
  })

  it('may grow and shrink from one save to the next, and leave nothing behind', async () => {
    let run = aRun({ id: freshId(), details: sized(0) })
    await createRun(world.table, run)
    for (const [bytes, chunks] of [...SIZES, [0, 0] as const, ...SIZES.toReversed()]) {
      const after = { ...run, details: sized(bytes) }
      expect(await saveRun(world.table, run, after)).toBe(true)
      run = { ...after, revision: run.revision + 1 }
      expect(await getRun(world.table, run.id)).toEqual(run)
      expect(await chunksOf(run.id)).toBe(chunks)
    }
  })

  it('larger than a transaction are rejected before anything is written', async () => {
    const run = aRun({ id: freshId(), details: sized(3_600_000) })
    await expect(createRun(world.table, run)).rejects.toThrow(RangeError)
    expect(await getRun(world.table, run.id)).toBeUndefined()
  })

  it('are serialized the same, whatever the order of their members', () => {
    const property = fc.property(someDetailsOf(fc.constant({})), (details) => {
      const reversed = Object.fromEntries(Object.entries(details).toReversed()) as unknown as typeof details
      return encodeDetails(details) === encodeDetails(reversed)
    })
    expect(fc.check(property).failed).toBe(false)
  })
})

describe('what is dropped', () => {
  const stored = async (run: FlowRun) => {
    await createRun(world.table, run)
    return await getRun(world.table, run.id)
  }

  it('all but the last states of the history', async () => {
    const history = Array.from({ length: HISTORY_MAX + 5 }, (_, n) => ({
      type: 'SCHEDULED' as const,
      name: 'Scheduled',
      timestamp: T0 + n,
      message: null,
    }))
    const run = await stored(aRun({ id: freshId(), history }))
    expect(run?.history).toEqual(history.slice(-HISTORY_MAX))
  })

  it("all but the beginning of a past state's message, with no half character", async () => {
    const message = `${'x'.repeat(HISTORY_MESSAGE_MAX - 1)}😀`
    const [past] = aRun().history
    if (!past) throw new Error('no history')
    const run = await stored(
      aRun({ id: freshId(), history: [{ ...past, message }], state: newState('FAILED', T0, { message }) }),
    )
    expect(run?.history[0]?.message).toBe(`${'x'.repeat(HISTORY_MESSAGE_MAX - 1)}\uFFFD`)
    expect(run?.state.message).toBe(message)
  })

  it('lone surrogates in the text of a state', async () => {
    const state = newState('FAILED', T0, { name: 'Late\uD800', message: '\uDC00late' })
    const run = await stored(aRun({ id: freshId(), state }))
    expect(run?.state).toMatchObject({ name: 'Late\uFFFD', message: '\uFFFDlate' })
    expect(run?.state).toEqual(state)
  })
})

describe('data read only by clients', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 'end' : { deeper: deep(levels - 1) })
  const DATA: [string, unknown][] = [
    ['numbers beyond what DynamoDB holds', [1e300, 1e-300, 2 ** 70, -0.1]],
    ['more levels than DynamoDB holds', deep(60)],
    ['lone surrogates', '\uD800'],
    ['members named like parts of every object', JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}')],
    ['empty things', { '': '', list: [], map: {}, nothing: null }],
    ['zero', 0],
    ['false', false],
    ['the empty string', ''],
  ]
  it.each(DATA)('is kept unchanged: %s', async (_what, data) => {
    const state = newState('COMPLETED', T0, { data, details: { other: { data } } })
    const run = aRun({ id: freshId(), state, details: someDetails({ parameters: { data }, context: { data } }) })
    await createRun(world.table, run)
    expect(await getRun(world.table, run.id)).toEqual(run)
  })
})
