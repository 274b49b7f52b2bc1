import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { newLimitItem } from '#shared/storage/limit/change-limit.ts'
import { encodeQueue } from '#shared/storage/work-queue/queue-codec.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { encodePool } from './pool-codec.ts'
import { encodePoolLines } from './pool-lines-codec.ts'

const ABSENT = { condition: 'attribute_not_exists(#pk)' }

/** Writes a pool, its default queue, the limits of both and what is known of its lines, or nothing: false when a pool of that name exists. */
export async function createPool(
  table: Table,
  pool: WorkPool,
  limit: { limit: number | null; paused: boolean },
  queue: WorkQueue,
): Promise<boolean> {
  const unlimited = { limit: null, paused: false, poolId: pool.id }
  try {
    await transact(table, [
      putAction(table, encodePool(pool), ABSENT),
      putAction(table, newLimitItem(poolLimit(pool.id), { ...limit, poolId: pool.id, life: pool.life }), ABSENT),
      putAction(table, encodeQueue(queue), ABSENT),
      putAction(table, newLimitItem(queueLimit(queue.id), { ...unlimited, life: queue.life }), ABSENT),
      putAction(table, encodePoolLines(pool)),
    ])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.reasons.some((_, at) => error.failedAt(at))) return false
    throw error
  }
}
