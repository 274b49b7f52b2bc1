import { setTimeout as sleep } from 'node:timers/promises'
import { BatchWriteItemCommand, type BatchWriteItemCommandOutput } from '@aws-sdk/client-dynamodb'
import { toItem } from './expression.ts'
import { LeftUnprocessed } from './left-unprocessed.ts'
import type { Key, Table } from './table.ts'

/** DynamoDB's limit for one BatchWriteItem. */
const BATCH_KEYS = 25
const ROUNDS_MAX = 8

/** Removes items by key; of those that are not there, nothing. Raises LeftUnprocessed. */
export async function batchDelete(table: Table, keys: readonly Key[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(keys.length / BATCH_KEYS) }, (_, at) =>
    keys.slice(at * BATCH_KEYS, (at + 1) * BATCH_KEYS),
  )
  await Promise.all(batches.map((batch) => deleteBatch(table, batch)))
}

async function deleteBatch(table: Table, keys: readonly Key[]): Promise<void> {
  let left: BatchWriteItemCommandOutput['UnprocessedItems'] = {
    [table.name]: keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: toItem({ pk, sk }) } })),
  }
  for (let round = 1; left && Object.keys(left).length > 0; round += 1) {
    if (round > ROUNDS_MAX) throw new LeftUnprocessed(left[table.name]?.length ?? 0)
    if (round > 1) await sleep(20 * 2 ** round)
    const answer: BatchWriteItemCommandOutput = await table.client.send(
      new BatchWriteItemCommand({ RequestItems: left }),
    )
    left = answer.UnprocessedItems
  }
}
