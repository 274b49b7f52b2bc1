import type { CollisionStrategy, Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { newState, type State } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import { deploymentLimit, type Limit, refusalOf } from '#shared/limit/limit.ts'
import { REACHED_WORDS } from '#shared/limit/refusal-words.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { addWaitingPool, isWaitingPool } from '#shared/storage/limit/waiting-pools.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import type { DispatchPlan } from '#shared/work-pool/dispatch-plan.ts'
import { isPushPool } from '#shared/work-pool/work-pool.ts'
import { applyConsequences } from './apply-consequences.ts'
import { hintRoom } from './hint-room.ts'

/** Where a run waits, as far as parking it goes. */
export interface Parking {
  limit: Limit
  strategy: CollisionStrategy
  /** Known where the dispatcher itself parks the run. */
  push?: true | undefined
  /** That of the state; Prefect's words for a limit that is full unless given. */
  message?: string
}

/**
 * Deals with a run whose deployment's limit is full: it waits for room, or is cancelled, by the deployment's collision
 * strategy. Returns the stored run, or undefined when another write came first.
 */
export async function parkRun(deps: Deps, run: FlowRun, parking: Parking): Promise<FlowRun | undefined> {
  await notePool(deps, run, parking)
  const parked = await storeParked(deps, run, parking)
  if (parked) await checkAgain(deps, [parked])
  return parked
}

/**
 * Runs were parked a moment after it was seen that they have to be. Whether their deployment is gone by now, so that
 * nothing would ever wake them, or has room, has to be seen once more.
 */
async function checkAgain(deps: Deps, runs: readonly FlowRun[]): Promise<void> {
  const blocked = runs.filter((run) => run.blockedBy !== null)
  const deploymentId = blocked[0]?.deploymentId
  if (!deploymentId) return
  if (await getDeployment(deps.table, deploymentId)) {
    await hintRoom(deps, [deploymentLimit(deploymentId)], 'released')
    return
  }
  const message = `Deployment ${deploymentId} has been deleted.`
  const cancelled = (run: FlowRun) => advance(run, newState('CANCELLED', deps.clock.now(), { message }))
  await Promise.all(blocked.map((run) => saveRun(deps.table, run, cancelled(run))))
}

async function storeParked(deps: Deps, run: FlowRun, parking: Parking): Promise<FlowRun | undefined> {
  const { limit, strategy, message = REACHED_WORDS } = parking
  const state = collisionState(run, strategy, deps.clock.now(), message)
  const parked = { ...advance(run, state), blockedBy: state.type === 'SCHEDULED' ? limit.key : null }
  if (!(await saveRun(deps.table, run, parked))) return undefined
  await applyConsequences(deps, run, parked)
  return { ...parked, revision: run.revision + 1 }
}

/** A pool that was deleted and created again may be of another type: then both ways to announce room are noted. */
async function notePool(deps: Deps, { poolId }: FlowRun, { limit, push }: Parking): Promise<void> {
  const noted = limit.waitsIn.some((pool) => pool.poolId === poolId && (push === undefined || pool.push))
  if (poolId === null || (noted && (await isWaitingPool(deps.table, poolId)))) return
  const pool = push ?? (await getPool(deps.table, poolId))
  const isPush = pool === true || (pool !== undefined && isPushPool(pool.type))
  await addWaitingPool(deps.table, limit.key, { poolId, push: isPush })
}

/** Stays true when the limit is open, for as long as the run keeps the state. */
const COUNTED_WORDS =
  "When the run's turn came, the new concurrency limit of its deployment was counting the runs that are held."

/** Parks the runs that a plan found blocked, each by its deployment's strategy. Returns how many. */
export async function parkBlocked(
  deps: Deps,
  blocked: DispatchPlan['parked'],
  push?: Parking['push'],
): Promise<number> {
  if (blocked.length === 0) return 0
  const limits = await getLimits(
    deps.table,
    blocked.map(({ limit }) => limit),
  )
  const runs = (
    await getRuns(
      deps.table,
      blocked.map(({ runId }) => runId),
    )
  ).filter(isWaiting)
  const byLimit = Map.groupBy(runs, (run) => deploymentLimit(run.deploymentId ?? ''))
  const parked = await Promise.all(
    [...byLimit].map(async ([key, waiting]) => await parkAll(deps, waiting, limits.get(key), push)),
  )
  return parked.reduce((sum, count) => sum + count, 0)
}

/** Parks runs of one deployment; returns how many. */
async function parkAll(
  deps: Deps,
  runs: readonly FlowRun[],
  limit: Limit | undefined,
  push?: Parking['push'],
): Promise<number> {
  const [first] = runs
  if (!first?.deploymentId || !limit) return 0
  // One that still counts its holders is no collision, however many it has found.
  const collides = refusalOf(limit) === 'full'
  const deployment = collides ? await getDeployment(deps.table, first.deploymentId) : undefined
  const strategy = strategyOf(deployment)
  const parking: Parking = { limit, strategy, push, ...(collides ? {} : { message: COUNTED_WORDS }) }
  // Workers look ahead; at its due time there may be room.
  const now = deps.clock.now()
  // The index may still show one that is parked already.
  const ripe = runs.filter((run) => (strategy === 'ENQUEUE' ? run.blockedBy !== limit.key : dueOf(run) <= now))
  for (const run of ripe.slice(0, 1)) await notePool(deps, run, parking)
  const stored = await Promise.all(ripe.map((run) => storeParked(deps, run, parking)))
  const parked = stored.filter((run) => run !== undefined)
  await checkAgain(deps, parked)
  return parked.length
}

const dueOf = (run: FlowRun) => run.nextScheduledStartTime ?? run.expectedStartTime

/** What a deployment does with runs that collide. */
export function strategyOf(deployment: Deployment | undefined): CollisionStrategy {
  return deployment?.collisionStrategy ?? 'ENQUEUE'
}

/** Prefect's collision strategies: wait for a slot, or give up at once. The run keeps its due time, and so its turn. */
function collisionState(run: FlowRun, strategy: CollisionStrategy, now: Instant, message: string): State {
  if (strategy === 'CANCEL_NEW') return newState('CANCELLED', now, { message })
  const scheduledTime = dueOf(run)
  return newState('SCHEDULED', now, { name: 'AwaitingConcurrencySlot', message, details: { scheduledTime } })
}
