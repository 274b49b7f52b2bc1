import type { Deps } from '#shared/deps.ts'
import { type LimitKey, refusalOf } from '#shared/limit/limit.ts'
import { listBlockedLimits } from '#shared/storage/flow-run/list-blocked-limits.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { saveWaitingCursor } from '#shared/storage/limit/waiting-pools.ts'

/** Reads in one pool and tick; the next tick goes on. */
const READS_MAX = 10

/** Of the limits for which runs of a pool wait, those that have room, from where the last tick stopped. */
export async function openWaitingLimits(
  deps: Deps,
  { poolId, after }: { poolId: string; after: string | undefined },
): Promise<LimitKey[]> {
  const found = await listBlockedLimits(deps.table, poolId, { after, readsMax: READS_MAX })
  if (found.after !== after) await saveWaitingCursor(deps.table, poolId, found.after)
  const limits = await getLimits(deps.table, found.limits)
  return found.limits.filter((key) => {
    const limit = limits.get(key)
    // A limit that no longer exists blocks no run.
    return !limit || refusalOf(limit) === null
  })
}
