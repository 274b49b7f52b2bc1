import { deploymentLimit } from '#shared/limit/limit.ts'
import { deploymentKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { unlistAction } from '#shared/storage/limit/deployment-limit-actions.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

/**
 * Removes a deployment; false when there was none. Its limit stays: runs that are held give their slots back to it, and
 * a later deployment of the same flow and name continues to count them. Ticks no longer look for collisions under it.
 */
export async function deleteDeployment(table: Table, deploymentId: string): Promise<boolean> {
  const key = deploymentLimit(deploymentId)
  for (;;) {
    const limit = (await getLimits(table, [key])).get(key)
    try {
      await transact(table, [
        deleteAction(table, deploymentKey(deploymentId), { condition: 'attribute_exists(#pk)' }),
        ...(limit ? [unlistAction(table, limit)] : []),
      ])
      return true
    } catch (error) {
      if (!(error instanceof TransactionRefused)) throw error
      if (error.failedAt(0)) return false
      // The limit has opened, or begun to count, since it was read.
      if (!error.failedAt(1)) throw error
    }
  }
}
