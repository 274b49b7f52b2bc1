import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { RunInput } from '#shared/flow-run/run-input.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import { runInputKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/** Writes an input of a run in this life; false when there is one of that key, and it is not to be replaced. */
export async function putRunInput(table: Table, life: string, input: RunInput, replace = false): Promise<boolean> {
  const { runId, key, value, sender, created } = input
  const item = { ...runInputKey({ id: runId, life }, key), value, sender: sender ?? undefined, created }
  const absent = replace ? {} : express({ condition: 'attribute_not_exists(#pk)' })
  try {
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item), ...absent }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
