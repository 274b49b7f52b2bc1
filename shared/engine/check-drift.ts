import type { Deps } from '../deps.ts'
import type { FlowRun } from '../flow-run/flow-run.ts'
import { activePhase, PAUSE_PHASE } from '../flow-run/phase.ts'
import { type Limit, type LimitKey, poolLimit, queueLimit } from '../limit/limit.ts'
import { repairLimit } from '../storage/change-limit.ts'
import { getLimits } from '../storage/get-limits.ts'
import { getRuns } from '../storage/get-run.ts'
import { listPhase } from '../storage/list-phase.ts'
import { listQueues } from '../storage/list-queues.ts'

/** Held runs that one check reads; a pool with more is left to the `DriftUnchecked` metric. */
const HELD_MAX = 5_000

/**
 * Compares the counts of a pool's limits with the runs that hold their slots: the runs are the ledger. A difference that
 * outlasts a whole tick in which no slot moved is drift, and is repaired; any other may be a claim or release under way,
 * or an index that lags. Answers how many limits were found off for good. The target is 0, always.
 */
export async function checkDrift(deps: Deps, poolId: string): Promise<number> {
  const queues = await listQueues(deps.table, poolId)
  const held = await listHeld(deps, poolId)
  if (!held) return 0
  const counted = countSlots(held)
  const keys = [poolLimit(poolId), ...queues.map((queue) => queueLimit(queue.id))]
  const others = [...counted.keys()].filter((key) => key.startsWith('deployment#'))
  const limits = await getLimits(deps.table, [...keys, ...others])
  const suspects = [...limits.values()].filter((limit) => driftOf(limit, counted) !== 0)
  let repaired = 0
  for (const limit of suspects) {
    const drift = driftOf(limit, counted)
    // A deployment's runs may be held in several pools, so this pool alone can't judge that it counts too many.
    if (limit.key.startsWith('deployment#') && drift > 0) continue
    if (!(await repairLimit(deps.table, limit, drift))) continue
    deps.log.error('slots were counted wrong', { limit: limit.key, active: limit.active, drift })
    deps.metrics.count('SlotDrift', Math.abs(drift))
    repaired += 1
  }
  return repaired
}

/** The runs of a pool that hold slots, read consistently; undefined when there are too many to check in one go. */
async function listHeld(deps: Deps, poolId: string): Promise<FlowRun[] | undefined> {
  const active = await listPhase(deps.table, { phase: activePhase(poolId), limit: HELD_MAX })
  const paused = await listPhase(deps.table, { phase: PAUSE_PHASE, limit: HELD_MAX })
  if (active.after || paused.after) {
    deps.metrics.count('DriftUnchecked', 1)
    return undefined
  }
  const runs = await getRuns(
    deps.table,
    [...active.rows, ...paused.rows].map((row) => row.runId),
  )
  return runs.filter((run) => run.claim && run.poolId === poolId)
}

/** How many runs hold a slot of each limit. */
export function countSlots(runs: readonly FlowRun[]): Map<LimitKey, number> {
  const counted = new Map<LimitKey, number>()
  for (const slot of runs.flatMap((run) => run.claim?.slots ?? [])) counted.set(slot, (counted.get(slot) ?? 0) + 1)
  return counted
}

/** By how much a limit counts more holders than there are. */
function driftOf(limit: Limit, counted: ReadonlyMap<LimitKey, number>): number {
  return limit.active - (counted.get(limit.key) ?? 0)
}
