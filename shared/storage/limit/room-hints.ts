import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { LimitKey } from '#shared/limit/limit.ts'
import { express, keyOf, toItem } from '#shared/storage/dynamo/expression.ts'
import { queryPage } from '#shared/storage/dynamo/query.ts'
import { roomHintKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/** A limit that may have room for runs that wait for it in a pool. */
export interface RoomHint {
  limit: LimitKey
  /** Another with each hint. */
  stamp: string
}

/** Hints to the workers of a pool that a limit has room. */
export async function putRoomHint(table: Table, poolId: string, { limit, stamp }: RoomHint): Promise<void> {
  const item = { ...roomHintKey(poolId, limit), stamp }
  await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item) }))
}

/** Hints read at once: 100 bytes each. */
const PAGE = 100

/**
 * Hints of a pool, at most `max`, from some place in their order on, as a fraction of them: those that some workers can't
 * follow must not stand in front of the others for ever.
 */
export async function listRoomHints(table: Table, poolId: string, place: number, max: number): Promise<RoomHint[]> {
  const { pk } = roomHintKey(poolId, '')
  const keyCondition = '#pk = :pk'
  const page = await queryPage(table, { keyCondition, values: { pk }, limit: PAGE, consistent: false })
  const from = Math.floor(place * page.items.length)
  const turned = [...page.items.slice(from), ...page.items.slice(0, from)]
  return turned.slice(0, max).map(({ sk, stamp }) => ({ limit: String(sk) as LimitKey, stamp: String(stamp) }))
}

/** Removes a hint that has been followed, unless there has been another since. */
export async function deleteRoomHint(table: Table, poolId: string, { limit, stamp }: RoomHint): Promise<void> {
  const same = express({ condition: '#stamp = :stamp', values: { stamp } })
  try {
    await table.client.send(new DeleteItemCommand({ ...keyOf(table, roomHintKey(poolId, limit)), ...same }))
  } catch (error) {
    if (!isConditionFailure(error)) throw error
  }
}
