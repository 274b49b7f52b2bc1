import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { limitItemKey, poolKey, type Table } from '#shared/storage/dynamo/table.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { decodePool } from './pool-codec.ts'

/** A pool and one of its queues, as far as runs can be sent there. */
export interface Place {
  pool: WorkPool | undefined
  queue: 'open' | 'missing'
  /** What is being deleted, so that nothing can be sent there. */
  deleting: 'pool' | 'queue' | null
}

/** Reads a place where runs are to wait, consistently, in one call. */
export async function getPlace(table: Table, poolId: string, queueId: string): Promise<Place> {
  const keys = [poolKey(poolId), limitItemKey(poolLimit(poolId)), limitItemKey(queueLimit(queueId))] as const
  const items = await batchGet(table, keys)
  const [pool, limit, queue] = keys.map(({ pk, sk }) => items.find((item) => item.pk === pk && item.sk === sk))
  const deleting = limit?.deleting === true ? 'pool' : queue?.deleting === true ? 'queue' : null
  return { pool: pool && decodePool(pool), queue: queue ? 'open' : 'missing', deleting }
}
