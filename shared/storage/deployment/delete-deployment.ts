import { DELETION_GRACE_SECONDS } from '#shared/deletion/deletion.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { beginAction } from '#shared/storage/deletion/deletion-actions.ts'
import { whileDeleting } from '#shared/storage/deletion/deletion-check.ts'
import { deploymentKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, TransactionRefused, transact, updateAction } from '#shared/storage/dynamo/transact.ts'
import { unlistAction } from '#shared/storage/limit/deployment-limit-actions.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

interface DeploymentLife {
  id: string
  life: string
}

/**
 * Marks a life of a deployment as being deleted, and writes the deletion down with it; from then on it takes no runs and no
 * changes. False when that life is over.
 */
export async function markDeploymentDeleting(
  table: Table,
  { id, life, name }: DeploymentLife & { name: string },
  now: Instant,
): Promise<boolean> {
  return await holds(table, [
    updateAction(table, deploymentKey(id), {
      // A change that was decided before this must be decided again.
      update: 'SET #deleting = :true, #revision = #revision + :one',
      condition: '#life = :life',
      values: { true: true, one: 1, life },
    }),
    beginAction(table, { kind: 'deployment', id, life, name, due: addSeconds(now, DELETION_GRACE_SECONDS) }),
  ])
}

/**
 * Removes a deployment that is marked as being deleted; false when that life of it is gone. Its limit stays: runs that are
 * held give their slots back to it, and a later deployment of the same flow and name continues to count them. Ticks no longer
 * look for collisions under it.
 */
export async function deleteDeployment(table: Table, { id, life }: DeploymentLife): Promise<boolean> {
  const key = deploymentLimit(id)
  for (;;) {
    const limit = (await getLimits(table, [key])).get(key)
    try {
      return await holds(table, [
        deleteAction(table, deploymentKey(id), whileDeleting(life)),
        ...(limit ? [unlistAction(table, limit)] : []),
      ])
    } catch (error) {
      // The limit has opened, or begun to count, since it was read.
      if (!(error instanceof TransactionRefused && error.failedAt(1))) throw error
    }
  }
}

async function holds(table: Table, actions: Parameters<typeof transact>[1]): Promise<boolean> {
  try {
    await transact(table, actions)
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(0)) return false
    throw error
  }
}
