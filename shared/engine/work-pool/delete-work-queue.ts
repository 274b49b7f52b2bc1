import type { Deps } from '#shared/deps.ts'
import { cancelRunsOf, closeForDelete, type DeletionTarget } from '#shared/engine/deletion/close-for-delete.ts'
import { keepQueueNames } from '#shared/engine/deletion/keep-queue-names.ts'
import { DomainError } from '#shared/errors.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { deleteQueue } from '#shared/storage/work-queue/delete-queue.ts'
import { DEFAULT_QUEUE_NAME } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'

/**
 * Deletes a queue, as it was read. Raises not_found, still_held, conflict for a default queue, and unfinished when more
 * runs wait than one request can end.
 */
export async function deleteWorkQueue(deps: Deps, queue: WorkQueue): Promise<void> {
  if (queue.name === DEFAULT_QUEUE_NAME) {
    const reason = `The default queue of work pool '${queue.poolName}' is deleted only with its pool.`
    throw new DomainError('conflict', reason)
  }
  await deleteQueueLife(deps, queue)
}

/**
 * Deletes a life of a queue: closes it for claims, ends the runs that wait in it, then removes it. Each step may be
 * repeated; the sweep finishes a deletion that was cut short. Raises not_found when that life is over, still_held and
 * unfinished.
 */
export async function deleteQueueLife(
  deps: Deps,
  { id, life, poolId, name }: Pick<WorkQueue, 'id' | 'life' | 'poolId' | 'name'>,
): Promise<void> {
  const where = { poolId, queueId: id }
  const target: DeletionTarget = { kind: 'queue', id, life, name, limit: queueLimit(id), where }
  await closeForDelete(deps, target)
  await keepQueueNames(deps, [{ id, name }])
  if (!(await deleteQueue(deps.table, { id, life, poolId, name }))) return
  // A run created during the deletion is found here, or else by the sweep, which looks once more.
  await cancelRunsOf(deps, target)
  deps.log.info('work queue deleted', { queueId: id, queue: name, poolId })
}
