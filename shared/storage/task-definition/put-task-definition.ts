import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import { type Table, taskDefinitionKey } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/** Records what a task definition was registered as; false when one of the same content is on record already. */
export async function putTaskDefinition(table: Table, hash: string, arn: string): Promise<boolean> {
  const absent = { condition: 'attribute_not_exists(#pk)' }
  try {
    const item = toItem({ ...taskDefinitionKey(hash), arn })
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: item, ...express(absent) }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
