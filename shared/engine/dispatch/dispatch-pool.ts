import type { Deps } from '#shared/deps.ts'
import { type LaunchContext, launchContexts } from '#shared/engine/job/launch-contexts.ts'
import { errorFields } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { CLAIM_BATCH_MAX, START_TIMEOUT_SECONDS } from '#shared/limits.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import type { DispatchPlan, PlannedRun, Wait } from '#shared/work-pool/dispatch-plan.ts'
import { isPushPool, type WorkPool } from '#shared/work-pool/work-pool.ts'
import { armNextDue } from './arm-next-due.ts'
import { claimBatch } from './claim-batch.ts'
import { inspectLeases } from './inspect-leases.ts'
import { cancelUnlaunched, launchRun, mayLaunch } from './launch-run.ts'
import { parkBlocked } from './park-run.ts'
import { planPoolWork } from './plan-pool-work.ts'
import { sendWakeUps } from './send-wake-ups.ts'

export interface DispatchCounts {
  claimed: number
  launched: number
  parked: number
  inspected: number
  /** Why the rest waits, as of the last look. */
  waits: Wait[]
}

/** Looks at the pool again at most this often in one go; each look hands out up to two batches. */
const LOOKS_MAX = 100
const HAND_OUT_MAX = 2 * CLAIM_BATCH_MAX
/** Launches under way at once: ECS answers in some 100 ms and takes 20 calls a second. */
const LAUNCHES_AT_ONCE = 10

/**
 * Hands out a push pool's due runs and launches them, until there is no run, no room, or no time left. Any number of
 * dispatchers may do this at once, and it may be cut short anywhere. The pool is read, unless it was just now.
 */
export async function dispatchPool(deps: Deps, known: string | WorkPool, deadline: Instant): Promise<DispatchCounts> {
  const counts: DispatchCounts = { claimed: 0, launched: 0, parked: 0, inspected: 0, waits: [] }
  const pool = typeof known === 'string' ? await getPool(deps.table, known) : known
  if (!pool || !isPushPool(pool.type)) return counts
  const poolId = pool.id
  counts.inspected = await inspectLeases(deps, poolId)
  // Runs that turned out to be taken: the index may show them for a while yet.
  const lost = new Set<string>()
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const now = deps.clock.now()
    const allowed = deps.launchBucket.available(now)
    if (now >= deadline || allowed === 0) return await resumeLater(deps, poolId, counts)
    const handOutMax = Math.min(allowed, HAND_OUT_MAX)
    const plan = await planPoolWork(deps, { poolId, dueBefore: now, handOutMax, lost })
    counts.waits = plan.waits
    const claimed = await claimPlan(deps, poolId, plan, lost)
    counts.claimed += claimed.length
    counts.launched += await launchAll(deps, pool, claimed)
    // Parked after the claim: before it, the slots that it takes would still look free, and wake them right away.
    const parked = await parkBlocked(deps, plan.parked)
    counts.parked += parked
    if (plan.batches.length === 0 && parked === 0) break
  }
  await armNextDue(deps, poolId)
  return counts
}

/** There may be more to do, but not now: a later wake-up goes on. */
async function resumeLater(deps: Deps, poolId: string, counts: DispatchCounts): Promise<DispatchCounts> {
  await sendWakeUps(deps, [{ poolId, reason: 'more', delaySeconds: 1 }])
  return counts
}

/** Claims the planned batches; answers the runs that are ours now, as stored. */
async function claimPlan(
  deps: Deps,
  poolId: string,
  plan: DispatchPlan & { poolEpoch: number },
  lost: Set<string>,
): Promise<FlowRun[]> {
  const claimedIds: string[] = []
  for (const { runs } of plan.batches) {
    const at = deps.clock.now()
    const outcome = await claimBatch(deps, {
      poolId,
      poolEpoch: { key: poolLimit(poolId), epoch: plan.poolEpoch },
      runs: runs.map((run) => ({ ...run, state: pendingState(run, at) })),
      by: { kind: 'dispatcher', name: null },
      at,
      leaseUntil: addSeconds(at, START_TIMEOUT_SECONDS),
    })
    deps.metrics.count(`Claims_${outcome.kind}`, runs.length)
    if (outcome.kind === 'claimed') claimedIds.push(...runs.map((run) => run.runId))
    if (outcome.kind === 'refused') for (const runId of outcome.lost) lost.add(runId)
    // The plan's figures are stale now; a fresh look is better than trying the rest of it.
    if (outcome.kind !== 'claimed') break
  }
  return await getRuns(deps.table, claimedIds)
}

function pendingState(run: PlannedRun, at: Instant) {
  return newState('PENDING', at, { details: { scheduledTime: run.due } })
}

/** Launches claimed runs, a few at a time; answers how many have a task now. */
async function launchAll(deps: Deps, pool: WorkPool, runs: readonly FlowRun[]): Promise<number> {
  const contextOf = launchContexts(deps, pool)
  let launched = 0
  const waiting = [...runs]
  const launchNext = async (): Promise<void> => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      try {
        if (await launchClaimed(deps, run, contextOf)) launched += 1
      } catch (error) {
        // One run that can't be launched must not keep the others from it; the sweep finds it by its claim.
        deps.log.warn('launch cut short', { runId: run.id, generation: run.generation, ...errorFields(error) })
        deps.metrics.count('LaunchesCutShort', 1)
      }
    }
  }
  await Promise.all(Array.from({ length: LAUNCHES_AT_ONCE }, launchNext))
  return launched
}

/** Launches one claimed run, unless it was cancelled in between or is too old; answers whether it has a task now. */
async function launchClaimed(
  deps: Deps,
  run: FlowRun,
  contextOf: (run: FlowRun) => Promise<LaunchContext>,
): Promise<boolean> {
  if (run.state.type === 'CANCELLING' && !run.launch) await cancelUnlaunched(deps, run)
  if (!mayLaunch(deps, run)) return false
  deps.launchBucket.spend(1)
  return (await launchRun(deps, run, await contextOf(run))) === 'launched'
}
