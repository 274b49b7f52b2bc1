import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Instant } from '#shared/instant.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { poolPollKey, queueKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/** Records that a queue was polled, unless it was deleted since. */
export async function recordQueuePoll(table: Table, poolId: string, queueId: string, now: Instant): Promise<void> {
  try {
    await table.client.send(
      new UpdateItemCommand({
        ...keyOf(table, queueKey(poolId, queueId)),
        ...express({
          update: 'SET #lastPolled = :now',
          condition: 'attribute_exists(#pk)',
          values: { now },
        }),
      }),
    )
  } catch (error) {
    if (!isConditionFailure(error)) throw error
  }
}

/** Records that all queues of a pool were polled: one item represents them, however many there are. */
export async function recordPoolPoll(table: Table, poolId: string, now: Instant): Promise<void> {
  const update = express({ update: 'SET #lastPolled = :now', values: { now } })
  await table.client.send(new UpdateItemCommand({ ...keyOf(table, poolPollKey(poolId)), ...update }))
}

/** When all queues of a pool were last polled at once; null for never. A poll a moment ago may be missed. */
export async function getPoolPoll(table: Table, poolId: string): Promise<Instant | null> {
  const [item] = await batchGet(table, [poolPollKey(poolId)], false)
  return (item?.lastPolled as number | undefined) ?? null
}
