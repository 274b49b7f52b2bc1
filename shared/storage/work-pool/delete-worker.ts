import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { type Table, workerKey } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/** Deletes a worker; false when there was none. */
export async function deleteWorker(table: Table, poolId: string, name: string): Promise<boolean> {
  try {
    await table.client.send(
      new DeleteItemCommand({
        ...keyOf(table, workerKey(poolId, name)),
        ...express({ condition: 'attribute_exists(#pk)' }),
      }),
    )
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
