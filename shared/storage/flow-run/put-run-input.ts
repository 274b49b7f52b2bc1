import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { RunInput } from '#shared/flow-run/run-input.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import { runInputKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/** An input of a run in this life, as it is stored. */
export function encodeRunInput(life: string, { runId, key, value, sender, created }: RunInput) {
  return { ...runInputKey({ id: runId, life }, key), value, sender: sender ?? undefined, created }
}

/** Writes an input of a run in this life; false when there is one of that key. */
export async function putRunInput(table: Table, life: string, input: RunInput): Promise<boolean> {
  const Item = toItem(encodeRunInput(life, input))
  const absent = express({ condition: 'attribute_not_exists(#pk)' })
  try {
    await table.client.send(new PutItemCommand({ TableName: table.name, Item, ...absent }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
