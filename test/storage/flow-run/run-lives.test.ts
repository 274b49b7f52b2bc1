import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { absenceCheck } from '#shared/storage/deletion/deletion-check.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { deletionKey, runDetailsKey } from '#shared/storage/dynamo/table.ts'
import { changeWaitingRuns } from '#shared/storage/flow-run/change-waiting-runs.ts'
import { claimRuns } from '#shared/storage/flow-run/claim-runs.ts'
import { createClaimedRun, createRun } from '#shared/storage/flow-run/create-run.ts'
import { deleteRun } from '#shared/storage/flow-run/delete-run.ts'
import { getLives, getRunRef } from '#shared/storage/flow-run/get-lives.ts'
import { getRun, getRuns } from '#shared/storage/flow-run/get-run.ts'
import { recordSign } from '#shared/storage/flow-run/record-sign.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aClaim, aRun, at, heldIn, LIFE, runIn, someDetails, T0 } from '../../support/fixtures/a-run.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { changesNothing, putItem, tableItems } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const OTHER_LIFE = 'fedcba9876543210'
const LARGE = someDetails({ parameters: { text: 'x'.repeat(800_000) } })
let id: string
beforeEach(() => {
  id = world.ids.uuid()
})
const stored = async (run: FlowRun) => {
  expect(await createRun(world.table, run)).toBe(true)
  return run
}

describe('a run of another life', () => {
  it('is not saved over', async () => {
    const run = await stored(aRun({ id }))
    const before = { ...run, life: OTHER_LIFE }
    const after = { ...before, infrastructurePid: '1' }
    expect(await changesNothing(world.table, () => saveRun(world.table, before, after))).toBe(false)
  })

  it('is not deleted, nor is one that was changed since', async () => {
    const run = await stored(aRun({ id, details: LARGE }))
    for (const change of [{ life: OTHER_LIFE }, { revision: 7 }]) {
      expect(await changesNothing(world.table, () => deleteRun(world.table, { ...run, ...change }, T0))).toBe(false)
    }
    expect(await deleteRun(world.table, run, T0)).toBe(true)
    expect(await getItem(world.table, deletionKey('run', run))).toMatchObject({ kind: 'run', due: at(30) })
    expect([...(await tableItems(world.table)).keys()].filter((key) => key.startsWith(`run#${id}`))).toEqual([])
    const again = await stored(
      aRun({ id, life: OTHER_LIFE, details: someDetails({ parameters: { text: 'y'.repeat(400_000) } }) }),
    )
    expect(await getRun(world.table, id)).toEqual(again)
  })

  it('and another claim get no sign of life', async () => {
    const run = heldIn('RUNNING', aClaim(), { id })
    await stored(run)
    const sign = (of: typeof run) => recordSign(world.table, of, at(9))
    expect(await changesNothing(world.table, () => sign({ ...run, life: OTHER_LIFE }))).toBe(false)
    expect(await changesNothing(world.table, () => sign({ ...run, claim: aClaim({ id: 'another' }) }))).toBe(false)
    expect(await sign(run)).toBe(true)
    expect(await getRun(world.table, id)).toEqual({ ...run, claim: { ...run.claim, seen: at(9) }, revision: 1 })
  })
})

describe('a claim', () => {
  const request = (run: FlowRun) => ({
    runId: run.id,
    life: run.life,
    generation: 0,
    due: T0,
    slots: [],
    state: newState('PENDING', at(1)),
  })
  const claim = (target: Partial<ReturnType<typeof request>> & { revision?: number }, run: FlowRun) =>
    claimRuns(world.table, {
      poolId: null,
      poolEpoch: null,
      absent: 'deployment#none',
      runs: [{ ...request(run), ...target }],
      claim: { id: 'c', by: { kind: 'client', name: null }, at: at(1), leaseUntil: at(60) },
    })

  it('takes no run that is of another life, was put off, or changed in any way where that counts', async () => {
    const run = await stored(aRun({ id }))
    for (const target of [{ life: OTHER_LIFE }, { due: at(5) }, { generation: 1 }, { revision: 1 }]) {
      const result = await changesNothing(world.table, () => claim(target, run))
      expect(result).toEqual({ kind: 'refused', lost: [id], refused: [] })
    }
    expect(await claim({ revision: 0 }, run)).toEqual({ kind: 'claimed' })
  })

  it('takes no run that does not wait, whatever else it is like', async () => {
    const run = await stored(aRun({ id, state: newState('PAUSED', T0), nextScheduledStartTime: T0 }))
    const result = await changesNothing(world.table, () => claim({}, run))
    expect(result).toEqual({ kind: 'refused', lost: [id], refused: [] })
  })

  it('is refused by a limit that is there, though it was not when the slots were determined', async () => {
    const run = await stored(aRun({ id }))
    const absent = `deployment#${id}` as const
    await putLimits(world.table, { [absent]: null })
    const attempt = () =>
      claimRuns(world.table, {
        poolId: null,
        poolEpoch: null,
        absent,
        runs: [{ ...request(run), slots: [absent] }],
        claim: aClaim(),
      })
    expect(await changesNothing(world.table, attempt)).toEqual({ kind: 'refused', lost: [], refused: [absent] })
  })
})

describe('a run that is created claimed', () => {
  const create = (absent: `deployment#${string}` | null = null, details = someDetails()) => {
    const slots = [`pool#${id}`, `queue#${id}`, ...(absent ? [absent] : [])] as const
    const run = runIn('RUNNING', { id, claim: aClaim({ slots: [...slots] }), details })
    return createClaimedRun(world.table, run, { poolEpoch: { key: `pool#${id}`, epoch: 1 }, absent })
  }
  const open = (epoch: number) => putLimits(world.table, { [`pool#${id}`]: 1, [`queue#${id}`]: 1 }, { epoch })

  it.each([someDetails(), LARGE])('takes its slots with it, once', async (details) => {
    await open(1)
    expect(await create(null, details)).toEqual({ kind: 'created' })
    expect((await getRun(world.table, id))?.details).toEqual(details)
    const limits = await getLimits(world.table, [`pool#${id}`, `queue#${id}`])
    expect([...limits.values()].map(({ active }) => active)).toEqual([1, 1])
    expect(await changesNothing(world.table, () => create(null, details))).toEqual({ kind: 'exists' })
  })

  it('is refused by a limit without room, by one of a newer epoch, and by one that was not there', async () => {
    await open(2)
    expect(await changesNothing(world.table, () => create())).toEqual({ kind: 'refused', refused: [`pool#${id}`] })
    await open(1)
    const absent = `deployment#${id}` as const
    await putLimits(world.table, { [absent]: null })
    expect(await changesNothing(world.table, () => create(absent))).toEqual({ kind: 'refused', refused: [absent] })
    await putLimits(world.table, { [`queue#${id}`]: 0 })
    const result = await changesNothing(world.table, () => create(null, LARGE))
    expect(result).toEqual({ kind: 'refused', refused: [`queue#${id}`] })
  })
})

describe('changing runs that wait', () => {
  const later = (run: FlowRun) => ({ ...run, nextScheduledStartTime: at(100) })
  const change = (ids: readonly string[], decide: (run: FlowRun) => FlowRun | undefined = later, table = world.table) =>
    changeWaitingRuns(table, ids, decide, absenceCheck(table, `pool#${id}`))
  const read = (of: readonly FlowRun[]) =>
    getRuns(
      world.table,
      of.map((run) => run.id),
    )

  it('changes each as decided, with whatever details, and none that is held', async () => {
    const waiting = [await stored(aRun({ id })), await stored(aRun({ id: world.ids.uuid(), details: LARGE }))]
    const retrying = await stored({
      ...heldIn('RUNNING', aClaim(), { id: world.ids.uuid() }),
      state: newState('SCHEDULED', T0),
    })
    const left = await stored(aRun({ id: world.ids.uuid() }))
    const ids = [...waiting, retrying, left].map((run) => run.id)
    expect(await change(ids, (run) => (run.id === left.id ? undefined : later(run)))).toBe(2)
    expect(await read([...waiting, retrying, left])).toEqual([
      ...waiting.map((run) => ({ ...later(run), revision: 1 })),
      retrying,
      left,
    ])
  })

  it('changes none once the check fails', async () => {
    await stored(aRun({ id }))
    await putLimits(world.table, { [`pool#${id}`]: null })
    expect(await changesNothing(world.table, () => change([id]))).toBeUndefined()
  })

  it.each(['revision', 'life'] as const)('passes over a run that has another %s by then', async (what) => {
    const runs = [await stored(aRun({ id })), await stored(aRun({ id: world.ids.uuid() }))]
    const [raced] = runs
    const { table } = withInterceptor(world, async ({ name }, go) => {
      const answer = await go()
      if (name !== 'dynamodb BatchGetItemCommand' || !raced) return answer
      if (what === 'revision') await saveRun(world.table, raced, { ...raced, infrastructurePid: '1' })
      else {
        await deleteRun(world.table, raced, T0)
        await createRun(world.table, { ...raced, life: OTHER_LIFE })
      }
      return answer
    })
    expect(
      await change(
        runs.map((run) => run.id),
        later,
        table,
      ),
    ).toBe(1)
    const dues = (await read(runs)).map((run) => run.nextScheduledStartTime)
    expect(dues).toEqual([T0, at(100)])
  })
})

describe('the life of a run', () => {
  it('is known by its id, while there is one', async () => {
    await stored(aRun({ id }))
    expect(await getLives(world.table, [id, 'none', id])).toEqual(new Map([[id, LIFE]]))
    expect(await getRunRef(world.table, id)).toEqual({ id, life: LIFE })
    expect(await getRunRef(world.table, 'none')).toBeUndefined()
  })
})

describe('large details', () => {
  it('are replaced by smaller ones whole, and a run without all of them is none', async () => {
    const run = await stored(aRun({ id, details: LARGE }))
    const smaller = someDetails({ parameters: { text: 'y'.repeat(400_000) } })
    expect(await saveRun(world.table, run, { ...run, details: smaller })).toBe(true)
    const saved = { ...run, details: smaller, revision: 1 }
    expect(await getRun(world.table, id)).toEqual(saved)
    expect(await saveRun(world.table, saved, { ...saved, details: LARGE })).toBe(true)
    expect((await getRuns(world.table, [id])).map(({ details }) => details)).toEqual([LARGE])
  })
})

it('a run is read when all chunks of its details are there, and without what is left of others', async () => {
  const run = await stored(aRun({ id, details: LARGE }))
  const both = async () => [await getRun(world.table, id), ...(await getRuns(world.table, [id]))]
  await putItem(world.table, { ...runDetailsKey(id, 3), json: Buffer.from('left') })
  expect(await both()).toEqual([run, run])
  await deleteItem(world.table, runDetailsKey(id, 2))
  await deleteItem(world.table, runDetailsKey(id, 3))
  expect(await both()).toEqual([undefined])
})
