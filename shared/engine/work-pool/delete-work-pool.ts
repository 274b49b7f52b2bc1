import type { Deps } from '#shared/deps.ts'
import { cancelRunsOf, closeForDelete, type DeletionTarget } from '#shared/engine/deletion/close-for-delete.ts'
import { keepQueueNames } from '#shared/engine/deletion/keep-queue-names.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { deletePool } from '#shared/storage/work-pool/delete-pool.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { assertUnreservedName } from './assert-unreserved-name.ts'
import { requirePool } from './require-queue.ts'

/**
 * Deletes a pool with its queues and workers, as it is now. Raises not_found, reserved_name, still_held, and unfinished
 * when more runs wait than one request can end.
 */
export async function deleteWorkPool(deps: Deps, name: string): Promise<void> {
  assertUnreservedName(name)
  await deletePoolLife(deps, await requirePool(deps, name))
}

/**
 * Deletes a life of a pool: closes it for claims, ends the runs that wait in it, then removes it. Each step may be
 * repeated; the sweep finishes a deletion that was cut short. Raises not_found when that life is over, still_held and
 * unfinished.
 */
export async function deletePoolLife(deps: Deps, pool: Pick<WorkPool, 'id' | 'life' | 'name'>): Promise<void> {
  const { id, life, name } = pool
  const target: DeletionTarget = { kind: 'pool', id, life, name, limit: poolLimit(id), where: { poolId: id } }
  await closeForDelete(deps, target)
  await keepQueueNames(deps, await listQueues(deps.table, id))
  if (!(await deletePool(deps.table, { id, life }, deps.clock.now()))) return
  // A run created during the deletion is found here, or else by the sweep.
  await cancelRunsOf(deps, target)
  deps.log.info('work pool deleted', { poolId: id, pool: name })
}
