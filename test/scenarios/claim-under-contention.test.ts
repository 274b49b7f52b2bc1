import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { CLAIM_BATCH_MAX } from '#shared/bounds.ts'
import { claimBatch } from '#shared/engine/dispatch/claim-batch.ts'
import { planPoolWork } from '#shared/engine/dispatch/plan-pool-work.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { listScheduledRuns } from '#shared/engine/poll/list-scheduled-runs.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { NEVER } from '#shared/instant.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { listReady } from '#shared/storage/flow-run/list-phase.ts'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { ClaimHistory, type HistoryVerdict } from '../support/claim-history.ts'
import { racyClaim } from '../support/faults/racy-claim.ts'
import { type PushPool, pushPool } from '../support/fixtures/fixtures.ts'
import { createManyRuns } from '../support/fixtures/many-runs.ts'
import { takeSnapshot } from '../support/invariants.ts'
import { openStage, type Stage } from '../support/stage.ts'
import type { World } from '../support/world.ts'

const CLAIMERS = 16
/** So many of them propose PENDING run by run, as Prefect's workers do; the others claim batches, as dispatchers do. */
const WORKERS = 4
const RUNS = 2_000
const RACY_RUNS = 100
/** How many waiting claimers one release wakes: with the one that released, more than it has room for. */
const WOKEN_BY_RELEASE = 1

let engine: DynamoDbEngine
beforeAll(async () => {
  engine = await startDynoxide()
})
afterAll(() => engine.stop())

let stage: Stage
let world: World
beforeEach(async () => {
  stage = await openStage(engine)
  world = stage.world
})
afterEach(() => stage.close())

/** Looks for work and claims some of it; returns the runs claimed, or 'beaten' when others claimed what it saw. */
type Claimer = (crowd: Crowd) => Promise<FlowRun[] | 'beaten'>

/** Claimers of one pool, what they did, and how they wait for each other. */
class Crowd {
  readonly push: PushPool
  readonly limit: number
  readonly history: ClaimHistory
  readonly #runs: number
  /** How many must be held at once, once. */
  readonly #reach: number
  readonly #filled = Promise.withResolvers<void>()
  readonly #waiting: (() => void)[] = []
  #ended = 0

  constructor(push: PushPool, limit: number, runs: number, reach: number) {
    this.push = push
    this.limit = limit
    this.#runs = runs
    this.#reach = reach
    this.history = new ClaimHistory(world, queueLimit(push.queueId))
  }

  /** One claimer: claims, holds for a moment, ends what it holds, and repeats until no run is left. */
  async work(claimer: Claimer): Promise<void> {
    while (this.#ended < this.#runs) {
      const mine = await claimer(this)
      const beaten = mine === 'beaten'
      if (!beaten && mine.length > 0) await this.#hold(mine)
      else if (!beaten || this.history.heldMax >= this.#reach) await this.#pause()
    }
    this.#wake(this.#waiting.length)
  }

  async #hold(mine: readonly FlowRun[]): Promise<void> {
    await this.history.claimed(mine)
    // No claimer releases before that many are held at once: the limit must be reached, too.
    if (this.history.heldMax >= this.#reach) this.#filled.resolve()
    await this.#filled.promise
    for (const run of mine) await this.#end(run)
  }

  async #end(run: FlowRun): Promise<void> {
    this.history.releasing()
    const { wrote } = await setState(world, run.id, { type: 'COMPLETED' }, { fence: { generation: run.generation } })
    if (wrote) this.#ended += 1
    this.#wake(this.#ended === this.#runs ? this.#waiting.length : WOKEN_BY_RELEASE)
  }

  /** A claimer that releases looks for work again, so that one is always awake while runs are left. */
  async #pause(): Promise<void> {
    if (this.#ended < this.#runs) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #wake(n: number): void {
    for (const resume of this.#waiting.splice(0, n)) resume()
  }
}

const byDispatch: Claimer = async ({ push, limit }) => {
  const { id: poolId } = push.pool
  const handOutMax = Math.min(CLAIM_BATCH_MAX, Math.ceil(limit / 2))
  const { batches, poolEpoch } = await planPoolWork(world, { poolId, dueBefore: NEVER, handOutMax })
  const runs = batches[0]?.runs ?? []
  if (runs.length === 0) return []
  const at = world.clock.now()
  const outcome = await claimBatch(world, {
    poolId,
    poolEpoch: { key: poolLimit(poolId), epoch: poolEpoch },
    runs: runs.map((run) => ({ ...run, state: newState('PENDING', at) })),
    claim: { id: world.ids.token(), by: { kind: 'client', name: null }, at, leaseUntil: NEVER },
  })
  if (outcome.kind !== 'claimed') return 'beaten'
  return runs.map((run) => ({ ...waitingRun(run.runId), generation: run.generation + 1 }))
}

const asWorker: Claimer = async ({ push, limit }) => {
  const polled = await listScheduledRuns(world, { poolId: push.pool.id, limit: Math.min(5, limit) })
  const mine: FlowRun[] = []
  for (const { run } of polled) {
    const { verdict, run: claimed, wrote } = await setState(world, run.id, { type: 'PENDING' })
    if (verdict.status === 'ACCEPT' && wrote) mine.push(claimed)
  }
  return mine.length === 0 && polled.length > 0 ? 'beaten' : mine
}

/** Claims any waiting run if its own count leaves room. */
/** The n-th claimer claims the n-th run, so that only the limit can stop it. */
const byCounting =
  (nth: number, counted: () => Promise<void>): Claimer =>
  async ({ push, limit }) => {
    const { id: poolId } = push.pool
    const line = { poolId, line: push.queueId, dueBefore: NEVER, limit: CLAIMERS }
    const { rows } = await listReady(world.table, line)
    const found = rows[nth % rows.length]
    if (!found) return []
    const slots = [poolLimit(poolId), queueLimit(push.queueId)]
    const claimed = await racyClaim(world, waitingRun(found.runId), slots, limit, counted)
    return claimed ? [claimed] : 'beaten'
  }

/** A barrier: opens once this many have arrived. */
function gathering(size: number): () => Promise<void> {
  const complete = Promise.withResolvers<void>()
  let come = 0
  return async () => {
    come += 1
    if (come >= size) complete.resolve()
    await complete.promise
  }
}

let runsById: Map<string, FlowRun>
function waitingRun(runId: string): FlowRun {
  const run = runsById.get(runId)
  if (!run) throw new Error(`run ${runId} was never created`)
  return run
}

async function contend(
  limit: number,
  runs: number,
  claimers: readonly Claimer[],
  reach = limit,
): Promise<HistoryVerdict> {
  const push = await pushPool(world, { queueLimit: limit })
  const created = await createManyRuns(world, push.deployment, runs)
  runsById = new Map(created.map((run) => [run.id, run]))
  const crowd = new Crowd(push, limit, runs, reach)
  await Promise.all(claimers.map((claimer) => crowd.work(claimer)))
  return crowd.history.judge(await takeSnapshot(world.table), runs)
}

it.each([1, 10, 100])(
  'a limit of %i is reached and never exceeded by 16 claimers, and no run is claimed twice or lost',
  { timeout: 180_000 },
  async (limit) => {
    const claimers = Array.from({ length: CLAIMERS }, (_, n) => (n < WORKERS ? asWorker : byDispatch))
    const verdict = await contend(limit, RUNS, claimers)
    print(`limit ${limit}, transactional claim`, verdict)
    expect(verdict).toEqual({ claims: RUNS, countedMax: limit, heldMax: limit, duplicates: 0, lost: 0, drift: [] })
  },
)

it('the same claimers exceed the limit when they count before they claim, so the check can fail', async () => {
  // All of them count before the first one writes, once; by chance that would happen now and then.
  const counted = gathering(CLAIMERS)
  const claimers = Array.from({ length: CLAIMERS }, (_, nth) => byCounting(nth, counted))
  const verdict = await contend(10, RACY_RUNS, claimers, CLAIMERS)
  print('limit 10, count-then-claim', verdict)
  // Each single write was sound, so only the count shows it.
  const unnoticed = { claims: RACY_RUNS, duplicates: 0, lost: 0, drift: [] }
  expect(verdict).toEqual({ ...unnoticed, countedMax: CLAIMERS, heldMax: CLAIMERS })
})

function print(what: string, { claims, countedMax, heldMax, duplicates, lost, drift }: HistoryVerdict): void {
  const found = `${duplicates} duplicates, ${lost} lost, ${drift.length} counts off`
  console.log(
    `${what}: ${claims} claims by ${CLAIMERS} claimers, at most ${countedMax} counted and ${heldMax} held; ${found}`,
  )
}
