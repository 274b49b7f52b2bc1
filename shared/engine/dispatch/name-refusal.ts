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
    const subject = await nameOf(deps, place, key)
    const limit = limits.get(key)
    // Pools and queues have a limit as long as they exist; the claim was made with one that is gone.
    if (!limit) return subject.missing
    const words = refusalWords(limit, subject.name)
    if (words) return words
  }
  return null
}

async function nameOf(deps: Deps, { poolId, queueId }: Place, key: LimitKey) {
  if (poolId && key === poolLimit(poolId)) {
    const pool = await getPool(deps.table, poolId)
    return { name: pool ? `work pool '${pool.name}'` : 'its work pool', missing: 'Its work pool no longer exists.' }
  }
  if (poolId && queueId && key === queueLimit(queueId)) {
    const queue = await getQueue(deps.table, poolId, queueId)
    return {
      name: queue ? `work queue '${queue.name}'` : 'its work queue',
      missing: 'Its work queue no longer exists.',
    }
  }
  return { name: 'its deployment', missing: 'The limit of its deployment no longer exists.' }
}
