import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Instant } from '#shared/instant.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { finishAction } from '#shared/storage/deletion/deletion-actions.ts'
import { whileDeleting } from '#shared/storage/deletion/deletion-check.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import {
  limitItemKey,
  poolKey,
  poolLinesKey,
  queueKey,
  queueNameKey,
  type Table,
  workerKey,
} from '#shared/storage/dynamo/table.ts'
import {
  checkAction,
  deleteAction,
  TransactionRefused,
  transact,
  updateAction,
} from '#shared/storage/dynamo/transact.ts'

/** A DynamoDB transaction holds 100 actions; one is the check that the pool is still the one that is meant. */
const DELETES_MAX = 98

/**
 * Deletes a pool with its queues, workers and limits, once its limit is marked as being deleted and nothing is held
 * under it: no claim commits any more, so no limit is needed. Each transaction holds only while it is that life of the
 * pool which is being deleted, so one that comes late removes nothing of a pool that was created again. The pool itself
 * goes last, so that a deletion that was cut short can go on. False when another request has finished it.
 */
export async function deletePool(table: Table, pool: { id: string; life: string }, now: Instant): Promise<boolean> {
  const [queueIds, names, workers] = await Promise.all([
    sortKeys(table, queueKey(pool.id, '').pk),
    sortKeys(table, queueNameKey(pool.id, '').pk),
    sortKeys(table, workerKey(pool.id, '').pk),
  ])
  const keys = [
    ...queueIds.flatMap((id) => [queueKey(pool.id, id), limitItemKey(queueLimit(id))]),
    ...names.map((name) => queueNameKey(pool.id, name)),
    ...workers.map((name) => workerKey(pool.id, name)),
  ]
  const own = limitItemKey(poolLimit(pool.id))
  for (let at = 0; at < keys.length; at += DELETES_MAX) {
    const deletes = keys.slice(at, at + DELETES_MAX).map((key) => deleteAction(table, key))
    if (!(await holds(table, [checkAction(table, own, whileDeleting(pool.life)), ...deletes]))) return false
  }
  const { life } = pool
  return await holds(table, [
    deleteAction(table, own, whileDeleting(life)),
    deleteAction(table, poolKey(pool.id), { condition: '#life = :life', values: { life } }),
    updateAction(table, poolLinesKey(pool.id), {
      update: 'SET #deletedAt = :now',
      condition: '#life = :life',
      values: { now, life },
    }),
    finishAction(table, { kind: 'pool', ...pool }),
  ])
}

async function sortKeys(table: Table, pk: string): Promise<string[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', projection: '#sk', values: { pk } })
  return items.map((item) => String(item.sk))
}

/** False when the pool is no longer the one that is being deleted. */
async function holds(table: Table, actions: [TransactWriteItem, ...TransactWriteItem[]]): Promise<boolean> {
  try {
    await transact(table, actions)
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(0)) return false
    throw error
  }
}
