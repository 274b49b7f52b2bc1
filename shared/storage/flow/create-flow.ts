import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Flow } from '#shared/flow/flow.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'
import { encodeFlow } from './flow-codec.ts'

/** Writes a new flow. Returns false when there is one of that name, whose id is then the same. */
export async function createFlow(table: Table, flow: Flow): Promise<boolean> {
  const absent = express({ condition: 'attribute_not_exists(#pk)' })
  try {
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(encodeFlow(flow)), ...absent }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
