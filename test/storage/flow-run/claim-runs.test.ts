import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CLAIM_BATCH_MAX } from '#shared/bounds.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { SERVICE } from '#shared/flow-run/writer.ts'
import { addSeconds } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { type ClaimRequest, claimRuns } from '#shared/storage/flow-run/claim-runs.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aClaim, aRun, at } from '../../support/fixtures/a-run.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const NOW = at(60)
let pool: LimitKey
let queue: LimitKey
let poolId: string
let last = 0
beforeEach(async () => {
  last += 1
  poolId = `p${last}`
  pool = `pool#${poolId}`
  queue = `queue#q${last}`
  await putLimits(world.table, { [pool]: 100, [queue]: 30 })
})

async function waitingRuns(n: number, overrides: Partial<FlowRun> = {}): Promise<FlowRun[]> {
  const runs = Array.from({ length: n }, () => aRun({ id: world.ids.uuid(), poolId, ...overrides }))
  for (const run of runs) await createRun(world.table, run)
  return runs
}

const claimOf = (runs: readonly FlowRun[], overrides: Partial<ClaimRequest> = {}): ClaimRequest => ({
  poolId,
  poolEpoch: { key: pool, epoch: 0 },
  runs: runs.map(({ id, life, generation, nextScheduledStartTime, expectedStartTime }) => ({
    runId: id,
    life,
    generation,
    due: nextScheduledStartTime ?? expectedStartTime,
    slots: [pool, queue],
    state: newState('PENDING', NOW),
  })),
  claim: { id: 'c1', by: { kind: 'dispatcher', name: null }, at: NOW, leaseUntil: addSeconds(NOW, 900) },
  ...overrides,
})
const read = async ({ id }: FlowRun) => {
  const run = await getRun(world.table, id)
  if (!run) throw new Error(`no run ${id}`)
  return run
}
const limitOf = async (key: LimitKey) => (await getLimits(world.table, [key])).get(key)

describe('a claim', () => {
  it('takes the run, in its next generation, and a slot of each limit', async () => {
    const [run] = await waitingRuns(1, { blockedBy: 'deployment#d', launchRefusals: 2, updated: at(30) })
    if (!run) throw new Error('no run')
    expect(await claimRuns(world.table, claimOf([run]))).toEqual({ kind: 'claimed' })
    const by = { ...SERVICE, generation: 1 }
    expect(await read(run)).toEqual({
      ...run,
      state: newState('PENDING', NOW),
      stateSequence: 2,
      history: [...run.history, { type: 'PENDING', name: 'Pending', timestamp: NOW, message: null, by }],
      generation: 1,
      claim: aClaim({ id: 'c1', at: NOW, leaseUntil: addSeconds(NOW, 900), slots: [pool, queue] }),
      blockedBy: null,
      nextScheduledStartTime: null,
      updated: NOW,
      revision: 1,
    })
    expect(await limitOf(queue)).toMatchObject({ active: 1, available: 29, moves: 1 })
    expect(await limitOf(pool)).toMatchObject({ active: 1, available: 99, moves: 1 })
  })

  it('moves the run from the ready phase to the active one', async () => {
    const runs = await waitingRuns(2)
    await claimRuns(world.table, claimOf(runs.slice(0, 1)))
    const idsIn = async (phase: string) =>
      (await listPhase(world.table, { phase, limit: 10 })).rows.map(({ runId }) => runId)
    expect(await idsIn(`active#${poolId}`)).toEqual([runs[0]?.id])
    expect(await idsIn(`ready#${poolId}`)).toEqual([runs[1]?.id])
  })

  it('of a whole batch takes as many slots as it has runs', async () => {
    const runs = await waitingRuns(CLAIM_BATCH_MAX)
    expect(await claimRuns(world.table, claimOf(runs))).toEqual({ kind: 'claimed' })
    expect(await limitOf(queue)).toMatchObject({ active: CLAIM_BATCH_MAX, available: 30 - CLAIM_BATCH_MAX })
  })

  it("holds the pool's epoch against the pool's limit alone", async () => {
    const [run, served] = await waitingRuns(2)
    if (!run || !served) throw new Error('no runs')
    await putLimits(world.table, { [pool]: 100 }, { epoch: 3 })
    const poolEpoch = { key: pool, epoch: 3 }
    expect(await claimRuns(world.table, claimOf([run], { poolEpoch }))).toEqual({ kind: 'claimed' })
    expect(await claimRuns(world.table, claimOf([served], { poolEpoch: null }))).toEqual({ kind: 'claimed' })
    expect(await limitOf(queue)).toMatchObject({ active: 2 })
  })

  it('of a run without a pool takes no slot', async () => {
    const [run] = await waitingRuns(1, { poolId: null, queueId: null })
    if (!run) throw new Error('no run')
    const free = claimOf([run]).runs.map((target) => ({ ...target, slots: [] }))
    expect(await claimRuns(world.table, claimOf([run], { poolId: null, poolEpoch: null, runs: free }))).toEqual({
      kind: 'claimed',
    })
    expect(await read(run)).toMatchObject({ generation: 1, claim: { slots: [] } })
  })

  it('and the release after it leave the limits as they were', async () => {
    const [run] = await waitingRuns(1)
    if (!run) throw new Error('no run')
    await claimRuns(world.table, claimOf([run]))
    const held = await read(run)
    await saveRun(world.table, held, { ...held, claim: null, state: newState('COMPLETED', at(90)), endTime: at(90) })
    expect(await limitOf(queue)).toMatchObject({ active: 0, available: 30, moves: 2 })
  })
})

describe('a claim that fails takes nothing', () => {
  type Spoil = (runs: readonly FlowRun[]) => Promise<unknown>
  /** The result of claiming three runs after something intervened; everything it could touch must be unchanged. */
  async function claimAfter(spoil: Spoil, change?: (request: ClaimRequest) => ClaimRequest) {
    const runs = await waitingRuns(3)
    await spoil(runs)
    const all = async () => [...(await Promise.all(runs.map(read))), await limitOf(pool), await limitOf(queue)]
    const before = await all()
    const request = claimOf(runs)
    const result = await claimRuns(world.table, change ? change(request) : request)
    expect(await all()).toEqual(before)
    return { result, ids: runs.map(({ id }) => id) }
  }
  const nothing: Spoil = () => Promise.resolve()

  const LIMITS: [string, () => Promise<void>, 'pool' | 'queue'][] = [
    ['the queue has too little room', () => putLimits(world.table, { [queue]: 2 }), 'queue'],
    ['the queue takes nothing', () => putLimits(world.table, { [queue]: 0 }), 'queue'],
    ['the queue is paused', () => putLimits(world.table, { [queue]: 30 }, { paused: true }), 'queue'],
    ['the pool is paused', () => putLimits(world.table, { [pool]: 30 }, { paused: true }), 'pool'],
    ['the pool is being deleted', () => putLimits(world.table, { [pool]: 30 }, { deleting: true }), 'pool'],
    ['a deployment of the pool just got a limit', () => putLimits(world.table, { [pool]: 30 }, { epoch: 1 }), 'pool'],
  ]
  it.each(LIMITS)('because %s', async (_why, spoil, which) => {
    const { result } = await claimAfter(spoil)
    expect(result).toEqual({ kind: 'refused', lost: [], refused: [which === 'pool' ? pool : queue] })
  })

  it('because one of the runs has been claimed already', async () => {
    const { result, ids } = await claimAfter((runs) => claimRuns(world.table, claimOf(runs.slice(1, 2))))
    expect(result).toEqual({ kind: 'refused', lost: [ids[1]], refused: [] })
  })

  it('because a run has been claimed and released since it was read', async () => {
    const older = (request: ClaimRequest) => ({
      ...request,
      runs: request.runs.map((target, n) => (n === 2 ? { ...target, generation: 7 } : target)),
    })
    const { result, ids } = await claimAfter(nothing, older)
    expect(result).toEqual({ kind: 'refused', lost: [ids[2]], refused: [] })
  })

  it('because a run is gone', async () => {
    const gone = (request: ClaimRequest) => ({
      ...request,
      runs: request.runs.map((target, n) => (n === 0 ? { ...target, runId: 'gone' } : target)),
    })
    expect((await claimAfter(nothing, gone)).result).toEqual({ kind: 'refused', lost: ['gone'], refused: [] })
  })

  it('because a limit is gone', async () => {
    const gone = (request: ClaimRequest): ClaimRequest => ({
      ...request,
      runs: request.runs.map((target) => ({ ...target, slots: [pool, 'queue#gone'] })),
    })
    expect((await claimAfter(nothing, gone)).result).toEqual({ kind: 'refused', lost: [], refused: ['queue#gone'] })
  })

  it('for several reasons, and reports them all', async () => {
    const { result, ids } = await claimAfter(async (runs) => {
      await claimRuns(world.table, claimOf(runs.slice(0, 1)))
      await putLimits(world.table, { [pool]: 30, [queue]: 30 }, { paused: true })
    })
    expect(result).toEqual({ kind: 'refused', lost: [ids[0]], refused: [pool, queue] })
  })
})

describe('concurrent claimers', () => {
  it('never hold more than the limit together, nor one run twice', async () => {
    await putLimits(world.table, { [queue]: 10 })
    const runs = await waitingRuns(16)
    const claimer = async (n: number) => {
      const claim = { id: `c${n}`, by: { kind: 'agent' as const, name: null }, at: NOW, leaseUntil: NOW }
      const got: string[] = []
      for (let round = 0; round < 4; round += 1) {
        const run = runs[(n * 3 + round * 5) % runs.length]
        if (run && (await claimRuns(world.table, claimOf([run], { claim }))).kind === 'claimed') got.push(run.id)
      }
      return got
    }
    const claimed = (await Promise.all(Array.from({ length: 12 }, (_, n) => claimer(n)))).flat()
    expect(new Set(claimed).size).toBe(claimed.length)
    expect(claimed).toHaveLength(10)
    expect(await limitOf(queue)).toMatchObject({ active: 10, available: 0 })
  })
})

describe('conflicting transactions', () => {
  /** The table for a client whose first transactions DynamoDB cancels for this reason. */
  function refusing(times: number, code: string) {
    let asked = 0
    const { table } = withInterceptor(world, async ({ name }, go) => {
      if (name !== 'dynamodb TransactWriteItemsCommand') return await go()
      asked += 1
      if (asked > times) return await go()
      const CancellationReasons = [{ Code: 'None' }, { Code: code }, { Code: 'None' }]
      throw new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons })
    })
    return { table, asked: () => asked }
  }
  const claimThrough = async (table: World['table']) => await claimRuns(table, claimOf(await waitingRuns(1)))

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded', 'TransactionInProgress'])(
    '%s is transient: the claim is retried',
    async (code) => {
      const { table, asked } = refusing(2, code)
      expect(await claimThrough(table)).toEqual({ kind: 'claimed' })
      expect(asked()).toBe(3)
    },
  )

  it('are given up if the conflict lasts: nothing is claimed, and no limit is blamed', async () => {
    const { table, asked } = refusing(100, 'TransactionConflict')
    expect(await claimThrough(table)).toEqual({ kind: 'contended' })
    expect(asked()).toBe(6)
    expect(await limitOf(queue)).toMatchObject({ active: 0 })
  })

  it('an unknown outcome is not guessed', async () => {
    const lost = new Error('socket hang up')
    const { table } = withInterceptor(world, () => Promise.reject(lost))
    const request = claimOf([aRun()])
    await expect(claimRuns(table, request)).rejects.toBe(lost)
  })
})
