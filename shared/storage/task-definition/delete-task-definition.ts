import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { type Table, taskDefinitionKey } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/** Deletes the record of a task definition that ECS no longer accepts, unless it has been replaced since. */
export async function deleteTaskDefinition(table: Table, hash: string, arn: string): Promise<void> {
  const same = { condition: '#arn = :arn', values: { arn } }
  try {
    await table.client.send(new DeleteItemCommand({ ...keyOf(table, taskDefinitionKey(hash)), ...express(same) }))
  } catch (error) {
    if (!isConditionFailure(error)) throw error
  }
}
