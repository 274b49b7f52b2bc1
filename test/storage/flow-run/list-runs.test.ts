import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { deleteRunInputs } from '#shared/storage/flow-run/delete-run-inputs.ts'
import { listActiveRuns } from '#shared/storage/flow-run/list-active-runs.ts'
import { listBlockedLimits } from '#shared/storage/flow-run/list-blocked-limits.ts'
import { listBlocked, listReady } from '#shared/storage/flow-run/list-phase.ts'
import { getRunInput, listRunInputs } from '#shared/storage/flow-run/list-run-inputs.ts'
import { listRuns } from '#shared/storage/flow-run/list-runs.ts'
import { putRunInput } from '#shared/storage/flow-run/put-run-input.ts'
import { takeRunInputs } from '#shared/storage/flow-run/take-run-inputs.ts'
import { collect } from '../../support/collect.ts'
import { aRun, at, LIFE, runIn, T0 } from '../../support/fixtures/a-run.ts'
import { changesNothing } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

async function put(run: Partial<FlowRun>, make = aRun): Promise<FlowRun> {
  const made = make({ id: world.ids.uuid(), ...run })
  await createRun(world.table, made)
  return made
}

describe('runs by expected start', () => {
  it('come in that order or the other, bounds included, of all deployments or of one', async () => {
    const deploymentId = world.ids.uuid()
    for (const seconds of [3, 1, 2, 4]) await put({ deploymentId, expectedStartTime: at(seconds) })
    await put({ deploymentId: world.ids.uuid(), expectedStartTime: at(2) })
    const list = async (range: Parameters<typeof listRuns>[1]) => {
      const rows = await collect(listRuns(world.table, range))
      return rows.map(({ startAt }) => startAt)
    }
    const bounds = { from: at(2), to: at(3) }
    expect(await list({ deploymentId, descending: false })).toEqual([1, 2, 3, 4].map(at))
    expect(await list({ deploymentId, descending: true, ...bounds })).toEqual([3, 2].map(at))
    expect(await list({ descending: false, ...bounds })).toEqual([2, 2, 3].map(at))
  })

  it('are all there, however many pages they take', async () => {
    const deploymentId = world.ids.uuid()
    const ids: string[] = []
    for (let n = 0; n < 260; n += 1) ids.push((await put({ deploymentId, expectedStartTime: at(n) })).id)
    const rows = await collect(listRuns(world.table, { deploymentId, descending: false }))
    expect(rows.map(({ runId }) => runId)).toEqual(ids)
  })
})

describe('runs that wait for limits', () => {
  const waiting = (poolId: string, limit: string, queueId: string, seconds = 0) => {
    const state = newState('SCHEDULED', T0, { details: { scheduledTime: at(seconds) } })
    return put({ poolId, queueId, state, blockedBy: `deployment#${limit}` })
  }

  it('are listed by line and due time, of one limit, from behind a line on', async () => {
    const poolId = world.ids.uuid()
    const [b2, b1, a, c] = [
      await waiting(poolId, 'd1', 'b', 2),
      await waiting(poolId, 'd1', 'b', 1),
      await waiting(poolId, 'd1', 'a', 5),
      await waiting(poolId, 'd1', 'c'),
    ]
    await waiting(poolId, 'd2', 'a')
    await waiting(poolId, 'd0', 'z')
    const list = async (after?: string, limit = 10) => {
      const { rows } = await listBlocked(world.table, { poolId, limitKey: 'deployment#d1', after, limit })
      return rows.map(({ runId }) => runId)
    }
    expect(await list()).toEqual([a, b1, b2, c].map(({ id }) => id))
    expect(await list('a')).toEqual([b1, b2, c].map(({ id }) => id))
    expect(await list('b')).toEqual([c.id])
    expect(await list(undefined, 2)).toHaveLength(2)
  })

  it('lead to their limits, some at each look', async () => {
    const poolId = world.ids.uuid()
    for (let n = 0; n < 501; n += 1) await waiting(poolId, n === 500 ? 'd2' : 'd1', 'a')
    const look = (after: string | undefined, readsMax: number) =>
      listBlockedLimits(world.table, poolId, { after, readsMax })
    const first = await look(undefined, 1)
    expect(first).toEqual({ limits: ['deployment#d1'], after: expect.stringContaining('deployment#d1') as string })
    expect(await look(first.after, 1)).toEqual({ limits: ['deployment#d2'], after: undefined })
    expect(await look(undefined, 2)).toEqual({ limits: ['deployment#d1', 'deployment#d2'], after: undefined })
  })
})

it('no run is due in a span that ends before it begins', async () => {
  const { poolId, queueId } = await put({ poolId: world.ids.uuid() })
  const span = { poolId, line: queueId ?? '', dueAfter: at(1), dueBefore: at(0), limit: 10 }
  expect(await listReady(world.table, span)).toEqual({ rows: [], after: undefined })
})

it("the runs of a deployment that are active in a pool are found among others'", async () => {
  const [poolId, deploymentId] = [world.ids.uuid(), world.ids.uuid()]
  const held = (run: Partial<FlowRun>) => put(run, (overrides) => runIn('RUNNING', overrides))
  const run = await held({ poolId, deploymentId })
  await held({ poolId, deploymentId: world.ids.uuid() })
  await held({ poolId: world.ids.uuid(), deploymentId })
  expect(await listActiveRuns(world.table, poolId, deploymentId)).toEqual([{ runId: run.id, deploymentId }])
})

describe('inputs of a run', () => {
  const run = { id: '0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f0001', life: LIFE }
  const input = (key: string, seconds: number, value = '1') => ({
    runId: run.id,
    key,
    value,
    sender: key === 'k' ? 'me' : null,
    created: at(seconds),
  })

  it('are listed oldest first, by prefix, without those that are known, and as many as asked for', async () => {
    const created: [string, number][] = [
      ['a-1', 3],
      ['a-2', 1],
      ['a-3', 2],
      ['b-1', 0],
    ]
    for (const [key, seconds] of created) await putRunInput(world.table, LIFE, input(key, seconds))
    const list = async (prefix: string, limit = 10, exclude: string[] = []) =>
      (await listRunInputs(world.table, { run, prefix, limit, exclude })).map(({ key }) => key)
    expect(await list('')).toEqual(['b-1', 'a-2', 'a-3', 'a-1'])
    expect(await list('a-')).toEqual(['a-2', 'a-3', 'a-1'])
    expect(await list('a-', 2)).toEqual(['a-2', 'a-3'])
    expect(await list('a-', 2, ['a-2'])).toEqual(['a-3', 'a-1'])
  })

  it('are kept as they were given first, and belong to one life', async () => {
    await putRunInput(world.table, LIFE, input('k', 0))
    expect(await changesNothing(world.table, () => putRunInput(world.table, LIFE, input('k', 1, '2')))).toBe(false)
    expect(await getRunInput(world.table, run, 'k')).toEqual(input('k', 0))
    expect(await getRunInput(world.table, { ...run, life: 'another' }, 'k')).toBeUndefined()
  })

  it('are taken by key, or all removed', async () => {
    await putRunInput(world.table, LIFE, input('x', 0))
    await putRunInput(world.table, LIFE, input('y', 0))
    await takeRunInputs(world.table, run, ['x', 'x', 'none'])
    expect(await getRunInput(world.table, run, 'x')).toBeUndefined()
    expect(await getRunInput(world.table, run, 'y')).toBeDefined()
    await deleteRunInputs(world.table, run)
    expect(await getRunInput(world.table, run, 'y')).toBeUndefined()
  })
})
