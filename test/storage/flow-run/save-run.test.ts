import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { aClaim, aRun, at, runIn, someDetails } from '../../support/fixtures/a-run.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let table: Table
beforeAll(async () => {
  world = await openWorld()
  table = world.table
})
afterAll(() => world.close())

const SLOTS: LimitKey[] = ['pool#p', 'queue#q', 'deployment#d']
let run: FlowRun
let last = 0
beforeEach(async () => {
  last += 1
  const id = `0198a1b2-c3d4-7e5f-8a9b-${last.toString(16).padStart(8, '0')}0000`
  run = runIn('RUNNING', { id, claim: aClaim({ slots: SLOTS }) })
  await createRun(table, run)
  await putLimits(table, { 'pool#p': 10, 'queue#q': 5, 'deployment#d': null })
})

const activeOf = async () => [...(await getLimits(table, SLOTS)).values()].map(({ active }) => active)
const completed = (before: FlowRun) => advance(before, newState('COMPLETED', at(10)))
/** The run as stored after one save. */
const saved = (after: FlowRun, before: FlowRun) => ({ ...after, revision: before.revision + 1 })

describe('saving a run', () => {
  it('releases the slots no longer held, and increments the revision', async () => {
    expect(await saveRun(table, run, completed(run))).toBe(true)
    expect(await getRun(table, run.id)).toEqual(saved(completed(run), run))
    expect(await activeOf()).toEqual([-1, -1, -1])
  })

  it('keeps the slots still held', async () => {
    const after = { ...run, claim: aClaim({ slots: ['pool#p', 'deployment#d'] }) }
    expect(await saveRun(table, run, after)).toBe(true)
    const limits = await getLimits(table, SLOTS)
    expect(SLOTS.map((key) => limits.get(key)?.active)).toEqual([0, -1, 0])
    expect(limits.get('queue#q')).toMatchObject({ available: 6, moves: 1 })
  })

  it('ends a hold even if one of its limits is gone, and releases the other slots', async () => {
    const slots: LimitKey[] = ['pool#p', 'queue#gone', 'deployment#d']
    const held = { ...run, claim: aClaim({ slots }) }
    expect(await saveRun(table, run, held)).toBe(true)
    await putLimits(table, { 'pool#p': 10, 'deployment#d': null })
    const before = saved(held, run)
    expect(await saveRun(table, before, completed(before))).toBe(true)
    expect((await getRun(table, run.id))?.state.type).toBe('COMPLETED')
    const limits = await getLimits(table, slots)
    expect(slots.map((key) => limits.get(key)?.active)).toEqual([-1, undefined, -1])
  })

  it('writes a run that is created twice only once', async () => {
    const other = { ...run, details: someDetails({ name: 'other' }) }
    expect(await createRun(table, other)).toBe(false)
    expect(await createRun(table, { ...other, details: someDetails({ parameters: { x: 'x'.repeat(500) } }) })).toBe(
      false,
    )
    expect(await getRun(table, run.id)).toEqual(run)
  })
})

describe('when another write came first', () => {
  beforeEach(async () => {
    await saveRun(table, run, { ...run, infrastructurePid: '1' })
  })

  it('nothing is written and no slot released', async () => {
    const stored = await getRun(table, run.id)
    expect(await saveRun(table, run, completed(run))).toBe(false)
    expect(await getRun(table, run.id)).toEqual(stored)
    expect(await activeOf()).toEqual([0, 0, 0])
  })

  it('details are not written, however many items they take', async () => {
    const details = someDetails({ parameters: { text: 'x'.repeat(400_000) } })
    expect(await saveRun(table, run, { ...run, details })).toBe(false)
    expect((await getRun(table, run.id))?.details).toEqual(run.details)
  })

  it('a run deleted since does not come back', async () => {
    const unknown = aRun({ id: run.id.replace('c3d4', 'ffff') })
    expect(await saveRun(table, unknown, unknown)).toBe(false)
    expect(await getRun(table, unknown.id)).toBeUndefined()
  })
})

describe('the same save twice', () => {
  it('at once: both succeed, and the slots are released once', async () => {
    const saves = await Promise.all([1, 2, 3, 4].map(() => saveRun(table, run, completed(run))))
    expect(saves).toEqual([true, true, true, true])
    expect(await activeOf()).toEqual([-1, -1, -1])
  })

  it('in sequence, the first response lost: the write is recognized as our own', async () => {
    const plain = { ...run, infrastructurePid: '1', state: newState('RUNNING', at(1), { data: { n: 1e300 } }) }
    expect(await saveRun(table, run, plain)).toBe(true)
    expect(await saveRun(table, run, plain)).toBe(true)
    expect(await getRun(table, run.id)).toEqual(saved(plain, run))
  })

  it('two different ends at once: one wins, and the slots are released once', async () => {
    const failed = advance(run, newState('FAILED', at(10)))
    const saves = await Promise.all([saveRun(table, run, completed(run)), saveRun(table, run, failed)])
    expect(saves.filter(Boolean)).toHaveLength(1)
    expect(await activeOf()).toEqual([-1, -1, -1])
    expect((await getRun(table, run.id))?.state.type).toBe(saves[0] ? 'COMPLETED' : 'FAILED')
  })

  it('two changes that differ only in the details are different', async () => {
    const renamed = (name: string) => ({ ...run, details: someDetails({ name }) })
    expect(await saveRun(table, run, renamed('first'))).toBe(true)
    expect(await saveRun(table, run, renamed('second'))).toBe(false)
    expect((await getRun(table, run.id))?.details.name).toBe('first')
  })
})
