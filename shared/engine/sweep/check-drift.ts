import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isHeld } from '#shared/flow-run/held-run.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import { type Limit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { forgetDrift, repairLimit } from '#shared/storage/limit/change-limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'

/** Held runs that one check reads; a pool with more is left to the `DriftUnchecked` metric. */
const HELD_MAX = 5_000

/**
 * Compares the counts of a pool's limits with the runs that hold their slots: the runs are the ledger. A difference
 * that outlasts a whole tick in which no slot moved is drift, and is repaired; any other may be a claim or release
 * under way, or an index that lags. Returns how many limits were found off for good. The target is 0, always.
 */
export async function checkDrift(deps: Deps, poolId: string): Promise<number> {
  const first = await compare(deps, poolId, [])
  const off = first?.limits.some((limit) => driftOf(limit, first.counted) !== 0)
  // A run that moves within the index just now can be missing from it; what either of two looks finds is counted.
  const compared = off && first ? await compare(deps, poolId, first.heldIds) : first
  let repaired = 0
  for (const limit of compared?.limits ?? []) {
    const drift = compared ? driftOf(limit, compared.counted) : 0
    if (drift === 0 && limit.driftNoted) await forgetDrift(deps.table, limit)
    // A deployment's runs may be held in several pools, so this pool alone can't judge that it counts too many.
    if (drift === 0 || (drift > 0 && limit.key.startsWith('deployment#'))) continue
    if (!(await repairLimit(deps.table, limit, drift))) continue
    deps.log.error('slot count corrected', { limit: limit.key, active: limit.active, drift })
    deps.metrics.count('SlotDrift', Math.abs(drift))
    repaired += 1
  }
  return repaired
}

/** A run, as far as it says which slots it holds. */
type Held = Pick<FlowRun, 'id' | 'claim'>

interface Comparison {
  limits: Limit[]
  /** How many runs hold a slot of each. */
  counted: Map<LimitKey, number>
  heldIds: string[]
}

/** Reads a pool's limits and the runs that hold their slots; undefined when those are too many for one go. */
async function compare(deps: Deps, poolId: string, knownIds: readonly string[]): Promise<Comparison | undefined> {
  const queues = await listQueues(deps.table, poolId)
  const held = await listHeld(deps, poolId, knownIds)
  if (!held) return undefined
  const counted = countSlots(held)
  const keys = [poolLimit(poolId), ...queues.map((queue) => queueLimit(queue.id))]
  const others = [...counted.keys()].filter((key) => key.startsWith('deployment#'))
  const limits = await getLimits(deps.table, [...keys, ...others])
  return { limits: [...limits.values()], counted, heldIds: held.map((run) => run.id) }
}

/** The runs of a pool that hold slots, read consistently; undefined when there are too many to check in one go. */
async function listHeld(deps: Deps, poolId: string, knownIds: readonly string[]): Promise<Held[] | undefined> {
  const active = await listPhase(deps.table, { phase: activePhase(poolId), limit: HELD_MAX })
  if (active.after) {
    deps.metrics.count('DriftUnchecked', 1)
    return undefined
  }
  const found = active.rows.map((row) => row.runId)
  const runs = await getRunCores(deps.table, [...knownIds, ...found])
  return runs.filter((run) => isHeld(run) && run.poolId === poolId)
}

/** How many runs hold a slot of each limit. */
function countSlots(runs: readonly Held[]): Map<LimitKey, number> {
  const counted = new Map<LimitKey, number>()
  for (const slot of runs.flatMap((run) => run.claim?.slots ?? [])) counted.set(slot, (counted.get(slot) ?? 0) + 1)
  return counted
}

/** By how much a limit counts more holders than there are. */
function driftOf(limit: Limit, counted: ReadonlyMap<LimitKey, number>): number {
  return limit.active - (counted.get(limit.key) ?? 0)
}
