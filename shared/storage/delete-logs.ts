import { BatchWriteItemCommand, type BatchWriteItemCommandOutput } from '@aws-sdk/client-dynamodb'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Item, toItem } from './expression.ts'
import { queryPage } from './query.ts'
import { logsPartition, type Table } from './table.ts'

/** DynamoDB's limit for one BatchWriteItem. */
const BATCH_KEYS = 25
const ROUNDS_MAX = 8

/** Removes all log lines of a run. */
export async function deleteLogs(table: Table, runId: string): Promise<void> {
  let after: Item | undefined
  do {
    const page = await queryPage(table, {
      keyCondition: '#pk = :pk',
      projection: '#pk, #sk',
      values: { pk: logsPartition(runId) },
      consistent: true,
      after,
    })
    const batches = Array.from({ length: Math.ceil(page.items.length / BATCH_KEYS) }, (_, at) =>
      page.items.slice(at * BATCH_KEYS, (at + 1) * BATCH_KEYS),
    )
    await Promise.all(batches.map((keys) => deleteBatch(table, keys)))
    after = page.after
  } while (after)
}

async function deleteBatch(table: Table, keys: readonly object[]): Promise<void> {
  let left: BatchWriteItemCommandOutput['UnprocessedItems'] = {
    [table.name]: keys.map((key) => ({ DeleteRequest: { Key: toItem(key) } })),
  }
  for (let round = 1; left && Object.keys(left).length > 0; round += 1) {
    if (round > ROUNDS_MAX) throw new Error('DynamoDB keeps leaving deletes of a batch undone')
    if (round > 1) await sleep(20 * 2 ** round)
    const answer: BatchWriteItemCommandOutput = await table.client.send(
      new BatchWriteItemCommand({ RequestItems: left }),
    )
    left = answer.UnprocessedItems
  }
}
