import type { Deps, WakeUp } from '#shared/deps.ts'
import { forgetQueues } from '#shared/engine/dispatch/remembered-queues.ts'
import { sendWakeUps } from '#shared/engine/dispatch/send-wake-ups.ts'
import { forgetQueueName } from '#shared/engine/read/queue-names.ts'
import { alreadyExists, DomainError, notFound } from '#shared/errors.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import type { LimitSettings } from '#shared/storage/limit/limit-actions.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { type QueueChange, updateQueue } from '#shared/storage/work-queue/update-queue.ts'
import { DEFAULT_QUEUE_NAME, isPushPool } from '#shared/work-pool/work-pool.ts'
import { placePriority, type WorkQueue } from '#shared/work-queue/work-queue.ts'
import { assertFewMoves } from './create-work-queue.ts'
import { openingOf } from './update-work-pool.ts'

export interface WorkQueueChange {
  name?: string | undefined
  description?: string | undefined
  filter?: Record<string, unknown> | null | undefined
  priority?: number | undefined
}

const ROUNDS_MAX = 20

/**
 * Changes a queue's settings, all or nothing; queues that are in the way of a new priority move down. A queue that
 * is renamed keeps its id, and so its runs, deployments and limit. Raises not_found, being_deleted, already_exists,
 * conflict for a new name of a default queue, invalid, and unavailable when others keep moving queues.
 */
export async function updateWorkQueue(
  deps: Deps,
  queue: WorkQueue,
  change: WorkQueueChange,
  settings: LimitSettings,
): Promise<void> {
  const key = queueLimit(queue.id)
  const before = (await getLimits(deps.table, [key])).get(key)
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const placed = await place(deps, queue, change)
    const outcome = await updateQueue(deps.table, queue, placed, settings, deps.clock.now())
    if (outcome === 'gone') throw notFound('Work queue', queue.name)
    if (outcome === 'deleting') throw new DomainError('being_deleted', `Work queue '${queue.name}' is being deleted.`)
    if (outcome === 'outdated') continue
    deps.log.info('work queue changed', { queueId: queue.id, queue: queue.name, pool: queue.poolName, ...settings })
    if (placed.rename) forgetQueueName(deps, queue.id)
    forgetQueues(deps, queue.poolId)
    const reason = openingOf(before, settings)
    if (reason) await wakePushPool(deps, queue.poolId, reason)
    return
  }
  throw new DomainError(
    'unavailable',
    `Queues of work pool '${queue.poolName}' are being modified concurrently; retry.`,
  )
}

async function place(deps: Deps, queue: WorkQueue, change: WorkQueueChange): Promise<QueueChange> {
  const { name, priority, ...rest } = change
  const to = name === queue.name ? undefined : name
  if (to !== undefined && queue.name === DEFAULT_QUEUE_NAME) {
    const pool = `work pool '${queue.poolName}'`
    throw new DomainError('conflict', `The default queue of ${pool} keeps its name: what names no queue waits there.`)
  }
  if (priority === undefined && to === undefined) return rest
  // The pool is read first: what is placed on a list that is newer than the pool's revision is still right.
  const pool = await getPool(deps.table, queue.poolId)
  if (!pool) throw notFound('Work queue', queue.name)
  const others = (await listQueues(deps.table, queue.poolId)).filter((other) => other.id !== queue.id)
  if (others.some((other) => other.name === to)) throw alreadyExists('Work queue', `${to}`)
  const rename = to === undefined ? undefined : { pool, from: queue.name, to }
  if (priority === undefined) return { ...rest, rename }
  const { moved } = placePriority(others, priority)
  assertFewMoves(moved.length)
  return { ...rest, rename, place: { pool, priority, moves: moved } }
}

async function wakePushPool(deps: Deps, poolId: string, reason: WakeUp['reason']): Promise<void> {
  const pool = await getPool(deps.table, poolId)
  if (pool && isPushPool(pool.type)) await sendWakeUps(deps, [{ poolId, reason, delaySeconds: 0 }])
}
