import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { keyOf } from '#shared/storage/dynamo/expression.ts'
import { deploymentKey, type Table } from '#shared/storage/dynamo/table.ts'

/**
 * Removes a deployment; false when there was none. Its limit stays: runs that are held give their slots back to it, and
 * a later deployment of the same flow and name continues to count them.
 */
export async function deleteDeployment(table: Table, deploymentId: string): Promise<boolean> {
  const answer = await table.client.send(
    new DeleteItemCommand({ ...keyOf(table, deploymentKey(deploymentId)), ReturnValues: 'ALL_OLD' }),
  )
  return answer.Attributes !== undefined
}
