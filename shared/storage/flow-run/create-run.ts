import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure, putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { encodeRun } from './run-codec.ts'
import { chunkItems, encodeDetails } from './run-details.ts'

const ABSENT = { condition: 'attribute_not_exists(#pk)' }

/**
 * Writes a new run whole, or not at all. Returns false when its id is taken: then a create with the same idempotency
 * key, or an earlier try of this very one, came first.
 */
export async function createRun(table: Table, run: FlowRun): Promise<boolean> {
  const text = encodeDetails(run.details)
  const chunks = chunkItems(run.id, text)
  try {
    if (chunks.length === 0) {
      const item = { ...encodeRun(run), details: text }
      await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item), ...express(ABSENT) }))
    } else {
      const item = { ...encodeRun(run), detailChunks: chunks.length }
      await transact(table, [putAction(table, item, ABSENT), ...chunks.map((chunk) => putAction(table, chunk))])
    }
    return true
  } catch (error) {
    if (isConditionFailure(error) || (error instanceof TransactionRefused && error.failedAt(0))) return false
    throw error
  }
}
