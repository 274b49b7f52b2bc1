import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { keyOf } from '#shared/storage/dynamo/expression.ts'
import { flowKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Removes a flow; false when there was none. */
export async function deleteFlow(table: Table, flowId: string): Promise<boolean> {
  const answer = await table.client.send(
    new DeleteItemCommand({ ...keyOf(table, flowKey(flowId)), ReturnValues: 'ALL_OLD' }),
  )
  return answer.Attributes !== undefined
}
