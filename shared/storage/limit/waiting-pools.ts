import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { LimitKey, WaitingPool } from '#shared/limit/limit.ts'
import { express, keyOf, toItem } from '#shared/storage/dynamo/expression.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { limitItemKey, type Table, waitingPoolKey } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

const KINDS = { push: 'push#', pull: 'pull#' }

/** A pool in which runs wait, as a limit's item names it. */
export function decodeWaitingPool(text: string): WaitingPool {
  const push = text.startsWith(KINDS.push)
  return { poolId: text.slice((push ? KINDS.push : KINDS.pull).length), push }
}

/**
 * Notes that runs wait for a limit in a pool, before the first of them does: whoever gives the limit room goes by it, and
 * so does the sweep, which goes through such pools.
 */
export async function addWaitingPool(table: Table, key: LimitKey, { poolId, push }: WaitingPool): Promise<void> {
  const pool = { ...waitingPoolKey(poolId), push }
  await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(pool) }))
  const update = {
    update: 'ADD #waitsIn :pool',
    condition: 'attribute_exists(#pk)',
    values: { pool: new Set([(push ? KINDS.push : KINDS.pull) + poolId]) },
  }
  try {
    await table.client.send(new UpdateItemCommand({ ...keyOf(table, limitItemKey(key)), ...express(update) }))
  } catch (error) {
    if (!isConditionFailure(error)) throw error
  }
}

/** The pools in which runs have waited for a limit, each with how far the sweep has gone through them. */
export async function listWaitingPools(table: Table): Promise<(WaitingPool & { after: string | undefined })[]> {
  const values = { pk: waitingPoolKey('').pk }
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values, consistent: false })
  return items.map(({ sk, push, after }) => {
    return { poolId: String(sk), push: push === true, after: after as string | undefined }
  })
}

/** Notes how far the sweep has gone through the runs of a pool that wait for limits; undefined at the end. */
export async function saveWaitingCursor(table: Table, poolId: string, after: string | undefined): Promise<void> {
  const change =
    after === undefined ? { update: 'REMOVE #after' } : { update: 'SET #after = :after', values: { after } }
  const update = express({ ...change, condition: 'attribute_exists(#pk)' })
  try {
    await table.client.send(new UpdateItemCommand({ ...keyOf(table, waitingPoolKey(poolId)), ...update }))
  } catch (error) {
    if (!isConditionFailure(error)) throw error
  }
}

/** Whether the sweep goes through a pool; one that was deleted and forgotten is none, whatever a limit says of it. */
export async function isWaitingPool(table: Table, poolId: string): Promise<boolean> {
  const { Item } = await table.client.send(
    new GetItemCommand({ ...keyOf(table, waitingPoolKey(poolId)), ConsistentRead: true }),
  )
  return Item !== undefined
}
