import type { Deps } from '#shared/deps.ts'
import { cancelWaitingRuns } from '#shared/engine/flow-run/cancel-waiting-runs.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { deletePool } from '#shared/storage/work-pool/delete-pool.ts'
import { assertUnreservedName } from './assert-unreserved-name.ts'
import { closeForDelete, type DeletionTarget, deletedMessage } from './close-for-delete.ts'
import { requirePool } from './require-queue.ts'

/**
 * Deletes a pool with its queues and workers: closes it for claims, ends the runs that wait in it, then removes it. Each
 * step may be repeated, so a delete that was cut short is finished by the next one. Raises not_found,
 * reserved_name, still_held, and unfinished when more runs wait than one request can end.
 */
export async function deleteWorkPool(deps: Deps, name: string): Promise<void> {
  assertUnreservedName(name)
  const pool = await requirePool(deps, name)
  const target: DeletionTarget = { noun: 'Work pool', name, limit: poolLimit(pool.id), where: { poolId: pool.id } }
  await closeForDelete(deps, target)
  await deletePool(deps.table, pool.id)
  // A run created during the delete would never be found otherwise: the sweep goes through pools.
  await cancelWaitingRuns(deps, target.where, deletedMessage(target))
  deps.log.info('work pool deleted', { poolId: pool.id, pool: name })
}
