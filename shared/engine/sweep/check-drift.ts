import type { Deps } from '#shared/deps.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import { type Limit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { forgetDrift, repairLimit } from '#shared/storage/limit/change-limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { countSlots, driftOf, type SlotCount } from './count-slots.ts'

/** What a check of a pool's limits found. */
export interface DriftCheck {
  /** How many limits were off for good, and are corrected. */
  repaired: number
  /** Whether all of them were right. */
  clean: boolean
  /** How many runs hold slots, or would. */
  held: number
}

/**
 * Compares the counts of a pool's limits with the runs that hold their slots: the runs are the ledger. A difference
 * that outlasts a whole tick in which no slot moved is drift, and is repaired; any other may be a claim or release
 * under way. Where holders seem to be missing, and those of the pool are not proven to be all, an index may lag: then it
 * has to outlast that. The target is 0, always. A deployment's runs may be held in several pools, so its limit is not
 * judged here, but in check-deployment-drift.ts.
 */
export async function checkDrift(deps: Deps, poolId: string, deadline: Instant = NEVER): Promise<DriftCheck> {
  const first = await compare(deps, poolId, [], deadline)
  const off = [...(first?.limits.values() ?? [])].some((limit) => first && driftOf(limit, first) !== 0)
  // A run that moves within the index just now can be missing from it; what either of two looks finds is counted.
  const compared = off && first ? await compare(deps, poolId, first.heldIds, deadline) : first
  if (!compared) {
    deps.metrics.count('DriftUnchecked', 1)
    return { repaired: 0, clean: false, held: 0 }
  }
  const pool = poolLimit(poolId)
  const still = first?.limits.get(pool)?.moves === compared.limits.get(pool)?.moves
  const complete = still && compared.limits.get(pool)?.active === compared.counted.get(pool)
  let [repaired, clean] = [0, true]
  for (const limit of compared.limits.values()) {
    const drift = driftOf(limit, compared)
    if (drift !== 0) clean = false
    if (await correctDrift(deps, limit, drift, complete)) repaired += 1
  }
  return { repaired, clean, held: compared.heldIds.length }
}

/**
 * Notes a drift, or takes it out of the count when it was noted before; `complete` says whether all holders are known.
 * Returns whether it did the latter.
 */
export async function correctDrift(deps: Deps, limit: Limit, drift: number, complete: boolean): Promise<boolean> {
  if (drift === 0) {
    if (limit.driftNoted) await forgetDrift(deps.table, limit)
    return false
  }
  const seen = { drift, proven: complete || drift < 0, now: deps.clock.now() }
  if (!(await repairLimit(deps.table, limit, seen))) return false
  deps.log.error('slot count corrected', { limit: limit.key, active: limit.active, drift })
  deps.metrics.count('SlotDrift', Math.abs(drift))
  return true
}

/** Reads a pool's limits and counts the runs that hold their slots; undefined when time runs out. */
async function compare(
  deps: Deps,
  poolId: string,
  knownIds: readonly string[],
  deadline: Instant,
): Promise<(SlotCount & { limits: Map<LimitKey, Limit> }) | undefined> {
  const queues = await listQueues(deps.table, poolId)
  const count = await countSlots(deps, [poolId], { knownIds, deadline })
  if (!count) return undefined
  const keys = [poolLimit(poolId), ...queues.map((queue) => queueLimit(queue.id))]
  return { ...count, limits: await getLimits(deps.table, keys) }
}
