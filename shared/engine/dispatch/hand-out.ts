import { CLAIM_BATCH_MAX, START_TIMEOUT_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { type LaunchContext, launchContexts } from '#shared/engine/job/launch-contexts.ts'
import { errorFields } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { DEPLOYMENT_DELETED } from '#shared/flow-run/messages.ts'
import { newState } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import type { DispatchPlan, PlannedRun, Wait } from '#shared/work-pool/dispatch-plan.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { HintedLimit } from './blocked-rows.ts'
import { claimBatch } from './claim-batch.ts'
import { eachAtOnce } from './each-at-once.ts'
import { cancelUnlaunched, launchRun, mayLaunch } from './launch-run.ts'
import { moveToLine } from './move-to-line.ts'
import { parkBlocked } from './park-run.ts'
import { planPoolWork } from './plan-pool-work.ts'

/** Maximum runs handed out per pass. */
const HAND_OUT_MAX = 2 * CLAIM_BATCH_MAX
/** Launches under way at once: ECS answers in some 100 ms and takes 20 calls a second. */
const LAUNCHES_AT_ONCE = 10

/** The result of one pass over a pool. */
export interface Look {
  claimed: number
  launched: number
  parked: number
  moved: number
  waits: Wait[]
  /** Runs that the index may still show where they were: others took them first, or they were put elsewhere. */
  lost: string[]
  /** Limits to look at in the next pass, and queues that it need not read. */
  hinted: HintedLimit[]
  passed: string[]
  /** Whether the pool's lines were all seen, and nothing is in them. */
  empty: boolean
  /** Whether another pass may find more. */
  progress: boolean
}

/** What a pass knows from those before it. */
export interface HandOutState {
  launchesMax: number
  lost: ReadonlySet<string>
  hinted: readonly HintedLimit[]
  passed: ReadonlySet<string>
  now: Instant
}

/**
 * One pass over a push pool: plans what its due runs and free slots allow, claims that, launches it, and parks the runs
 * that a full deployment limit keeps from starting. What earlier passes know to be lost or closed is passed over.
 */
export async function handOut(
  deps: Deps,
  pool: Pick<PoolLines, 'id'>,
  { launchesMax, lost, hinted, passed, now }: HandOutState,
): Promise<Look> {
  const handOutMax = Math.min(launchesMax, HAND_OUT_MAX)
  const plan = await planPoolWork(deps, {
    poolId: pool.id,
    dueBefore: now,
    handOutMax,
    lost,
    passed,
    // Nothing looks again soon for a run in a queue that was not remembered.
    fresh: true,
    readHinted: () => Promise.resolve(hinted),
  })
  const launchedIn = plan.batches.length > 0 ? await getPool(deps.table, pool.id) : undefined
  const claim = await claimPlan(deps, pool.id, plan)
  const launched = await launchAll(deps, launchedIn, claim.runs)
  // Parked after the claim: before it, the slots that it takes would still look free, and wake them right away.
  const parked = await parkBlocked(deps, plan.parked, true)
  const moved = await moveToLine(deps, plan.moved)
  return {
    claimed: claim.runs.length,
    launched,
    parked,
    moved: moved.length,
    waits: plan.waits,
    lost: [...claim.lost, ...plan.parked.map(({ runId }) => runId), ...moved],
    hinted: plan.hinted,
    passed: plan.passed,
    empty: plan.empty,
    progress: plan.batches.length + plan.parked.length + moved.length + plan.unreached.length + plan.hinted.length > 0,
  }
}

/** Claims the planned batches; answers the runs that are ours now, as stored, and those that are others'. */
async function claimPlan(
  deps: Deps,
  poolId: string,
  plan: DispatchPlan & { poolEpoch: number },
): Promise<{ runs: FlowRun[]; lost: string[] }> {
  const claimedIds: string[] = []
  const lost: string[] = []
  for (const { runs } of plan.batches) {
    const at = deps.clock.now()
    const outcome = await claimBatch(deps, {
      poolId,
      poolEpoch: { key: poolLimit(poolId), epoch: plan.poolEpoch },
      runs: runs.map((run) => ({ ...run, state: pendingState(run, at) })),
      claim: {
        id: deps.ids.token(),
        by: { kind: 'dispatcher', name: null },
        at,
        leaseUntil: addSeconds(at, START_TIMEOUT_SECONDS),
      },
    })
    deps.metrics.count(`Claims_${outcome.kind}`, runs.length)
    if (outcome.kind === 'claimed') claimedIds.push(...runs.map((run) => run.runId))
    if (outcome.kind === 'refused') lost.push(...outcome.lost)
    // The plan's figures are stale now; a fresh look is better than trying the rest of it.
    if (outcome.kind !== 'claimed') break
  }
  return { runs: await getRuns(deps.table, claimedIds), lost }
}

function pendingState(run: PlannedRun, at: Instant) {
  return newState('PENDING', at, { details: { scheduledTime: run.due } })
}

/** Launches claimed runs, a few at a time; returns how many have a task now. */
async function launchAll(deps: Deps, pool: WorkPool | undefined, runs: readonly FlowRun[]): Promise<number> {
  const contextOf = launchContexts(deps, pool)
  let launched = 0
  await eachAtOnce(runs, LAUNCHES_AT_ONCE, async (run) => {
    try {
      if (await launchClaimed(deps, run, contextOf)) launched += 1
    } catch (error) {
      // One run that can't be launched must not keep the others from it; the sweep finds it by its claim.
      deps.log.warn('launch cut short', { runId: run.id, generation: run.generation, ...errorFields(error) })
      deps.metrics.count('LaunchesCutShort', 1)
    }
  })
  return launched
}

/** Launches one claimed run, unless it was cancelled in between or is too old; returns whether it has a task now. */
async function launchClaimed(
  deps: Deps,
  run: FlowRun,
  contextOf: (run: FlowRun) => Promise<LaunchContext>,
): Promise<boolean> {
  if (run.state.type === 'CANCELLING' && !run.launch) await cancelUnlaunched(deps, run)
  if (!mayLaunch(deps, run)) return false
  const context = await contextOf(run)
  if (context.deployment?.deleting) {
    await cancelUnlaunched(deps, run, DEPLOYMENT_DELETED)
    return false
  }
  deps.launchBucket.spend(1)
  return (await launchRun(deps, run, context)) === 'launched'
}
