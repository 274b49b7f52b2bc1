import { poolLimit, queueLimit } from '../limit/limit.ts'
import type { WorkPool } from '../work-pool/work-pool.ts'
import type { WorkQueue } from '../work-queue/work-queue.ts'
import { newLimitItem } from './change-limit.ts'
import { encodePool } from './pool-codec.ts'
import { encodeQueue } from './queue-codec.ts'
import type { Table } from './table.ts'
import { Cancelled, putAction, transact } from './transact.ts'

const ABSENT = { condition: 'attribute_not_exists(#pk)' }

/** Writes a pool, its default queue and the limits of both, or nothing: false when a pool of that name exists. */
export async function createPool(
  table: Table,
  pool: WorkPool,
  limit: { limit: number | null; paused: boolean },
  queue: WorkQueue,
): Promise<boolean> {
  try {
    await transact(table, [
      putAction(table, encodePool(pool), ABSENT),
      putAction(table, newLimitItem(poolLimit(pool.id), { ...limit, poolId: pool.id }), ABSENT),
      putAction(table, encodeQueue(queue), ABSENT),
      putAction(table, newLimitItem(queueLimit(queue.id), { limit: null, paused: false, poolId: pool.id }), ABSENT),
    ])
    return true
  } catch (error) {
    if (error instanceof Cancelled && error.reasons.some((_, at) => error.failedAt(at))) return false
    throw error
  }
}
