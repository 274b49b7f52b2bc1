import type { Deps } from '#shared/deps.ts'
import { cancelWaitingRuns } from '#shared/engine/flow-run/cancel-waiting-runs.ts'
import { DomainError } from '#shared/errors.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { deleteQueue } from '#shared/storage/work-queue/delete-queue.ts'
import { DEFAULT_QUEUE_NAME } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { closeForDelete, type DeletionTarget, deletedMessage } from './close-for-delete.ts'

/**
 * Deletes a queue: closes it for claims, ends the runs that wait in it, then removes it. Each step may be repeated, so a
 * delete that was cut short is finished by the next one. Raises not_found, still_held, conflict for a default queue, and
 * unfinished when more runs wait than one request can end.
 */
export async function deleteWorkQueue(deps: Deps, queue: WorkQueue): Promise<void> {
  const { id, poolId, poolName, name } = queue
  if (name === DEFAULT_QUEUE_NAME) {
    throw new DomainError('conflict', `The default queue of work pool '${poolName}' is deleted only with its pool.`)
  }
  const target: DeletionTarget = { noun: 'Work queue', name, limit: queueLimit(id), where: { poolId, queueId: id } }
  await closeForDelete(deps, target)
  if (!(await deleteQueue(deps.table, queue))) return
  // A run created during the delete is found here, or else by the sweep.
  await cancelWaitingRuns(deps, target.where, deletedMessage(target))
  deps.log.info('work queue deleted', { queueId: id, queue: name, pool: poolName })
}
