import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { queueNameKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, putAction } from '#shared/storage/dynamo/transact.ts'
import { queueIdOf } from '#shared/work-queue/work-queue.ts'

type Named = { id: string; poolId: string; name: string }

/**
 * Lets a queue be found by a name that its id is not derived from; most need nothing for that. What an earlier queue left
 * behind is replaced: the pool's revision sees to it that no two queues get the same name.
 */
export function nameActions(table: Table, { id, poolId, name }: Named): TransactWriteItem[] {
  if (queueIdOf(poolId, name) === id) return []
  return [putAction(table, { ...queueNameKey(poolId, name), queueId: id })]
}

/** Ends that a queue is found by this name. */
export function unnameActions(table: Table, { id, poolId, name }: Named): TransactWriteItem[] {
  if (queueIdOf(poolId, name) === id) return []
  return [
    deleteAction(table, queueNameKey(poolId, name), {
      condition: 'attribute_not_exists(#pk) OR #queueId = :id',
      values: { id },
    }),
  ]
}
