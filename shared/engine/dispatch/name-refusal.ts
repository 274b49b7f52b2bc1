import type { Deps } from '#shared/deps.ts'
import { type Limit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { refusalWords } from '#shared/limit/refusal-words.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'

interface Place {
  poolId: string | null
  queueId: string | null
}

/**
 * Says in words, with the names of pool and queue, which of these limits keeps a run from being claimed, and why. Null when
 * none of them does: they have changed since the claim was refused.
 */
export async function nameRefusal(
  deps: Deps,
  place: Place,
  refused: readonly LimitKey[],
  limits: ReadonlyMap<LimitKey, Limit>,
): Promise<string | null> {
  for (const key of refused) {
    const words = refusalWords(limits.get(key), await nameOf(deps, place, key))
    if (words) return words
  }
  return null
}

async function nameOf(deps: Deps, { poolId, queueId }: Place, key: LimitKey): Promise<string> {
  if (poolId && key === poolLimit(poolId)) {
    const pool = await getPool(deps.table, poolId)
    return pool ? `work pool '${pool.name}'` : 'its work pool'
  }
  if (poolId && queueId && key === queueLimit(queueId)) {
    const queue = await getQueue(deps.table, poolId, queueId)
    return queue ? `work queue '${queue.name}'` : 'its work queue'
  }
  return 'its deployment'
}
