import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { limitItemKey, poolKey, queueKey, type Table } from '#shared/storage/dynamo/table.ts'
import { checkAction, putAction, TransactionRefused, transact, updateAction } from '#shared/storage/dynamo/transact.ts'
import { newLimitItem } from '#shared/storage/limit/change-limit.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { encodeQueue } from './queue-codec.ts'
import { nameActions } from './queue-name-actions.ts'

const ABSENT = { condition: 'attribute_not_exists(#pk)' }
const NOT_DELETING = { condition: '#deleting = :false', values: { false: false } }

/** A DynamoDB transaction holds 100 actions; some are for the queue, its limit and its pool. */
export const MOVES_MAX = 90

export interface PriorityMove {
  id: string
  priority: number
}

/**
 * Writes a queue, its limit and the priorities that move for it, or nothing. `exists`: a queue of that name is there.
 * `deleting`: the pool is being deleted, and a queue that came now would outlive it. `outdated`: queues of the pool
 * changed since `pool` was read (or the pool is gone), so place it again.
 */
export async function createQueue(
  table: Table,
  pool: WorkPool,
  queue: WorkQueue,
  limit: { limit: number | null; paused: boolean },
  moves: readonly PriorityMove[],
): Promise<'created' | 'exists' | 'deleting' | 'outdated'> {
  try {
    await transact(table, [
      putAction(table, encodeQueue(queue), ABSENT),
      revisePoolAction(table, pool),
      checkAction(table, limitItemKey(poolLimit(pool.id)), NOT_DELETING),
      putAction(table, newLimitItem(queueLimit(queue.id), { ...limit, poolId: pool.id, life: queue.life }), ABSENT),
      ...moveActions(table, pool.id, moves, queue.updated),
      ...nameActions(table, queue),
    ])
    return 'created'
  } catch (error) {
    if (!(error instanceof TransactionRefused)) throw error
    if (error.failedAt(0)) return 'exists'
    if (error.failedAt(2) && !error.failedAt(1)) return 'deleting'
    if (error.reasons.some((_, at) => error.failedAt(at))) return 'outdated'
    throw error
  }
}

/** Lets only one of two writers place queues on what they saw of a pool; the priorities stay unique that way. */
export function revisePoolAction(table: Table, pool: WorkPool): TransactWriteItem {
  return updateAction(table, poolKey(pool.id), {
    update: 'SET #queuesRevision = #queuesRevision + :one',
    condition: '#queuesRevision = :seen AND #life = :life',
    values: { one: 1, seen: pool.queuesRevision, life: pool.life },
  })
}

/** Gives queues other priorities; only together with revisePoolAction, or two may end up with the same. */
export function moveActions(
  table: Table,
  poolId: string,
  moves: readonly PriorityMove[],
  now: number,
): TransactWriteItem[] {
  return moves.map(({ id, priority }) =>
    updateAction(table, queueKey(poolId, id), {
      update: 'SET #priority = :priority, #updated = :now',
      condition: 'attribute_exists(#pk)',
      values: { priority, now },
    }),
  )
}
