import type { Instant } from '#shared/instant.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { queueKey, type Table } from '#shared/storage/dynamo/table.ts'
import { TransactionRefused, transact, updateAction } from '#shared/storage/dynamo/transact.ts'
import { type LimitSettings, settingsAction } from '#shared/storage/limit/limit-actions.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { moveActions, type PriorityMove, revisePoolAction } from './create-queue.ts'
import { nameActions, unnameActions } from './queue-name-actions.ts'

/** Omitted members stay unchanged. */
export interface QueueChange {
  description?: string | undefined
  filter?: Record<string, unknown> | null | undefined
  /** With it, the pool as it was when the priority was placed, and the queues that make way. */
  place?: { pool: WorkPool; priority: number; moves: readonly PriorityMove[] }
  /** With it, the pool as it was when no other of its queues had that name. */
  rename?: { pool: WorkPool; from: string; to: string } | undefined
}

/**
 * Changes a queue's settings, its limit's and the priorities around it together, or nothing. `outdated`: queues of the
 * pool changed since it was read, so place the priority again.
 */
export async function updateQueue(
  table: Table,
  queue: Pick<WorkQueue, 'poolId' | 'id' | 'life'>,
  change: QueueChange,
  limit: LimitSettings,
  now: Instant,
): Promise<'updated' | 'gone' | 'deleting' | 'outdated'> {
  const settings = limit.limit === undefined && limit.paused === undefined ? [] : [limit]
  const { place, rename } = change
  const pool = place?.pool ?? rename?.pool
  try {
    await transact(table, [
      queueAction(table, queue, change, now),
      ...settings.map((each) => settingsAction(table, queueLimit(queue.id), each)),
      ...(pool ? [revisePoolAction(table, pool)] : []),
      ...(place ? moveActions(table, queue.poolId, place.moves, now) : []),
      ...(rename
        ? [
            unnameActions(table, { ...queue, name: rename.from }),
            nameActions(table, { ...queue, name: rename.to }),
          ].flat()
        : []),
    ])
    return 'updated'
  } catch (error) {
    if (!(error instanceof TransactionRefused)) throw error
    if (error.failedAt(0)) return 'gone'
    if (settings.length > 0 && error.failedAt(1)) return 'deleting'
    if (error.reasons.some((_, at) => error.failedAt(at))) return 'outdated'
    throw error
  }
}

function queueAction(
  table: Table,
  queue: Pick<WorkQueue, 'poolId' | 'id' | 'life'>,
  change: QueueChange,
  now: Instant,
) {
  const { description, filter, place, rename } = change
  const values = {
    ...(rename ? { name: rename.to } : {}),
    ...(description === undefined ? {} : { description }),
    ...(filter ? { filter: JSON.stringify(filter) } : {}),
    ...(place ? { priority: place.priority } : {}),
  }
  const set = Object.keys(values).map((name) => `#${name} = :${name}`)
  return updateAction(table, queueKey(queue.poolId, queue.id), {
    update: `SET ${['#updated = :now', ...set].join(', ')}${filter === null ? ' REMOVE #filter' : ''}`,
    condition: '#life = :life',
    values: { now, life: queue.life, ...values },
  })
}
