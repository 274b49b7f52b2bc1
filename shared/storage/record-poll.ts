import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Instant } from '../instant.ts'
import { express, keyOf } from './expression.ts'
import { poolPollKey, queueKey, type Table } from './table.ts'
import { isConditionFailure } from './transact.ts'

/** Writes down that a queue was polled, unless it was deleted meanwhile. */
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

/** Writes down that all queues of a pool were polled: one item stands for them, however many there are. */
export async function recordPoolPoll(table: Table, poolId: string, now: Instant): Promise<void> {
  const update = express({ update: 'SET #lastPolled = :now', values: { now } })
  await table.client.send(new UpdateItemCommand({ ...keyOf(table, poolPollKey(poolId)), ...update }))
}
