import type { Deps } from '#shared/deps.ts'
import { type Limit, queueLimit } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { isPushPool } from '#shared/work-pool/work-pool.ts'
import { type QueueStatus, queueStatus, type WorkQueue } from '#shared/work-queue/work-queue.ts'

/** A queue with what is kept apart from it (its limit) and what is computed on read (its status). */
export interface WorkQueueView {
  queue: WorkQueue
  limit: Limit | undefined
  status: QueueStatus
}

/** Describes queues of any pools, in the order given. */
export async function getWorkQueueViews(deps: Deps, queues: readonly WorkQueue[]): Promise<WorkQueueView[]> {
  const poolIds = [...new Set(queues.map((queue) => queue.poolId))]
  const [limits, pools] = await Promise.all([
    getLimits(
      deps.table,
      queues.map((queue) => queueLimit(queue.id)),
    ),
    Promise.all(poolIds.map((poolId) => getPool(deps.table, poolId))),
  ])
  const pushed = new Set(pools.flatMap((pool) => (pool && isPushPool(pool.type) ? [pool.id] : [])))
  const now = deps.clock.now()
  return queues.map((queue) => {
    const limit = limits.get(queueLimit(queue.id))
    return { queue, limit, status: queueStatus(queue, limit?.paused ?? false, pushed.has(queue.poolId), now) }
  })
}
