import type { CollisionStrategy } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { newState, type State } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import { type LimitKey, refusalOf } from '#shared/limit/limit.ts'
import { REACHED_WORDS } from '#shared/limit/refusal-words.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import type { DispatchPlan } from '#shared/work-pool/dispatch-plan.ts'
import { applyConsequences } from './apply-consequences.ts'
import { unblockRuns } from './unblock-runs.ts'

/**
 * Deals with a run whose deployment's limit is full, or not open yet: parked until there is room, or cancelled, by the
 * deployment's collision strategy. Returns the stored run, or undefined when another write came first.
 */
export async function parkRun(
  deps: Deps,
  run: FlowRun,
  limit: LimitKey,
  strategy: CollisionStrategy,
  message = REACHED_WORDS,
): Promise<FlowRun | undefined> {
  const state = collisionState(run, strategy, deps.clock.now(), message)
  const parked = { ...advance(run, state), blockedBy: state.type === 'SCHEDULED' ? limit : null }
  if (!(await saveRun(deps.table, run, parked))) return undefined
  const stored = { ...parked, revision: run.revision + 1 }
  await applyConsequences(deps, run, stored)
  if (!stored.blockedBy) return stored
  // Events before the run was parked do not wake it, so check again: the deployment may be gone, and nothing would ever
  // wake its runs; or a slot may have become free.
  const [deployment, limits] = await Promise.all([
    run.deploymentId ? getDeployment(deps.table, run.deploymentId) : undefined,
    getLimits(deps.table, [limit]),
  ])
  if (!deployment) return await cancelParked(deps, stored)
  if ((limits.get(limit)?.available ?? 0) > 0) await unblockRuns(deps, limit)
  return stored
}

async function cancelParked(deps: Deps, run: FlowRun): Promise<FlowRun | undefined> {
  const message = `Deployment ${run.deploymentId} has been deleted.`
  const cancelled = advance(run, newState('CANCELLED', deps.clock.now(), { message }))
  return (await saveRun(deps.table, run, cancelled)) ? { ...cancelled, revision: run.revision + 1 } : undefined
}

/** Stays true when the limit is open, for as long as the run keeps the state. */
const COUNTED_WORDS =
  "When the run's turn came, the new concurrency limit of its deployment was counting the runs that are held."

/** Parks the runs that a plan found blocked, each by its deployment's strategy. Returns how many. */
export async function parkBlocked(deps: Deps, blocked: DispatchPlan['parked']): Promise<number> {
  if (blocked.length === 0) return 0
  const runIds = blocked.map(({ runId }) => runId)
  const runs = new Map((await getRuns(deps.table, runIds)).map((run) => [run.id, run]))
  const limitKeys = blocked.map(({ limit }) => limit)
  const limits = await getLimits(deps.table, limitKeys)
  const parked = await Promise.all(
    blocked.map(async ({ runId, limit }) => {
      const run = runs.get(runId)
      if (!run?.deploymentId || !isWaiting(run)) return false
      const own = limits.get(limit)
      const refusal = own ? refusalOf(own) : null
      // One that still counts its holders is no collision, however many it has found.
      if (refusal !== 'full') return (await parkRun(deps, run, limit, 'ENQUEUE', COUNTED_WORDS)) !== undefined
      const deployment = await getDeployment(deps.table, run.deploymentId)
      const strategy = deployment?.collisionStrategy ?? 'ENQUEUE'
      // Workers look ahead; at its due time there may be room.
      const early = (run.nextScheduledStartTime ?? run.expectedStartTime) > deps.clock.now()
      if (strategy === 'CANCEL_NEW' && early) return false
      return (await parkRun(deps, run, limit, strategy)) !== undefined
    }),
  )
  return parked.filter(Boolean).length
}

/** Prefect's collision strategies: wait for a slot, or give up at once. The run keeps its due time, and so its turn. */
function collisionState(run: FlowRun, strategy: CollisionStrategy, now: Instant, message: string): State {
  if (strategy === 'CANCEL_NEW') return newState('CANCELLED', now, { message })
  const scheduledTime = run.nextScheduledStartTime ?? run.expectedStartTime
  return newState('SCHEDULED', now, { name: 'AwaitingConcurrencySlot', message, details: { scheduledTime } })
}
