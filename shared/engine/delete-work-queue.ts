import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { queueLimit } from '../limit/limit.ts'
import { deleteQueue } from '../storage/delete-queue.ts'
import { DEFAULT_QUEUE_NAME } from '../work-pool/work-pool.ts'
import type { WorkQueue } from '../work-queue/work-queue.ts'
import { cancelWaitingRuns } from './cancel-waiting-runs.ts'
import { closeForDelete, deletedMessage, type Doomed } from './close-for-delete.ts'

/**
 * Deletes a queue: closes it for claims, ends the runs that wait in it, then removes it. Each step may be repeated, so a
 * delete that was cut short is finished by the next one. Raises not_found, conflict while runs are held under the queue
 * or for a default queue, and unavailable when more runs wait than one request can end.
 */
export async function deleteWorkQueue(deps: Deps, queue: WorkQueue): Promise<void> {
  const { id, poolId, poolName, name } = queue
  if (name === DEFAULT_QUEUE_NAME) {
    throw new DomainError('conflict', `The default queue of work pool '${poolName}' is deleted only with its pool.`)
  }
  const doomed: Doomed = { noun: 'Work queue', name, limit: queueLimit(id), where: { poolId, queueId: id } }
  await closeForDelete(deps, doomed)
  if (!(await deleteQueue(deps.table, poolId, id))) return
  // A run that was created while the queue went is found here, or else by the sweep.
  await cancelWaitingRuns(deps, doomed.where, deletedMessage(doomed))
  deps.log.info('work queue deleted', { queueId: id, queue: name, pool: poolName })
}
