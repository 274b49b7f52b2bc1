import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Deletion } from '#shared/deletion/deletion.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'
import { encodeDeletion } from './deletion-actions.ts'

/** Writes down when and where a deletion goes on, unless it has been finished. */
export async function postponeDeletion(table: Table, deletion: Deletion): Promise<void> {
  const known = express({ condition: 'attribute_exists(#pk)' })
  try {
    await table.client.send(
      new PutItemCommand({ TableName: table.name, Item: toItem(encodeDeletion(deletion)), ...known }),
    )
  } catch (error) {
    if (!isConditionFailure(error)) throw error
  }
}
