import type { Deps } from '#shared/deps.ts'
import { DomainError } from '#shared/errors.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { getQueueNamed } from '#shared/storage/work-queue/get-queue.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { beingDeleted } from './being-deleted.ts'
import { createWorkQueue } from './create-work-queue.ts'
import { requirePool } from './require-queue.ts'

/**
 * The pool's queue of that name, created if it is missing. Raises not_found when the pool does not exist, and
 * being_deleted while either is, so that nothing new is sent to where it would be cancelled.
 */
export async function ensureWorkQueue(deps: Deps, poolName: string, queueName: string): Promise<WorkQueue> {
  const pool = await requirePool(deps, poolName)
  const queue = await getQueueNamed(deps.table, pool.id, queueName)
  const keys = [poolLimit(pool.id), queue ? queueLimit(queue.id) : []].flat()
  const limits = await getLimits(deps.table, keys)
  if (queue && limits.get(queueLimit(queue.id))?.deleting) throw beingDeleted('Work queue', queueName)
  if (limits.get(poolLimit(pool.id))?.deleting) throw beingDeleted('Work pool', poolName)
  if (queue) return queue
  try {
    return await createWorkQueue(deps, poolName, { name: queueName })
  } catch (error) {
    // Another request created it between the read and the write, which is just as good.
    const created = error instanceof DomainError && error.code === 'already_exists'
    const existing = created ? await getQueueNamed(deps.table, pool.id, queueName) : undefined
    if (!existing) throw error
    return existing
  }
}
