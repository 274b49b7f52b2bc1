import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import { availableOf, type Limit, type LimitKey } from '#shared/limit/limit.ts'
import { type Expressions, express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/**
 * The item of a new limit, without holders. `poolId` says which pool it belongs to, for reads that know only the key.
 */
export function newLimitItem(
  key: LimitKey,
  settings: { limit: number | null; paused: boolean; poolId?: string; life?: string },
) {
  const { limit, paused, poolId, life } = settings
  return {
    ...limitItemKey(key),
    limit: limit ?? undefined,
    active: 0,
    available: availableOf(limit, 0),
    paused,
    deleting: false,
    epoch: 0,
    moves: 0,
    poolId,
    life,
  }
}

/** By how much a limit was found to be off, and whether that is certain or what an index that lags would look like. */
interface SeenDrift {
  drift: number
  proven: boolean
  now: Instant
}

/**
 * Takes a drift out of a limit's count, if the last sweep noted the same one and no slot has moved since; otherwise notes
 * it. A limit that is busy is thus never touched: there, a claim under way looks like drift. One that is not proven has to
 * have been noted for longer than an index lags. True when it was repaired.
 */
export async function repairLimit(table: Table, limit: Limit, { drift, proven, now }: SeenDrift): Promise<boolean> {
  const { moves, driftNoted } = limit
  const seen = { condition: '#moves = :moves' }
  if (driftNoted?.drift !== drift || driftNoted.moves !== moves) {
    const noted = { drift, moves, since: now }
    await changeLimit(table, limit.key, { update: 'SET #driftNoted = :noted', ...seen, values: { noted, moves } })
    return false
  }
  if (!proven && secondsBetween(driftNoted.since, now) < INDEX_LAG_SECONDS_MAX) return false
  // The repair is a move itself: made twice, by a retry or by another sweep, it would be a drift of its own.
  const update = `SET #active = #active - :drift, #available = #available + :drift, #moves = #moves + :one
    REMOVE #driftNoted`
  return await changeLimit(table, limit.key, { update, ...seen, values: { drift, moves, one: 1 } })
}

/** Forgets a drift that was noted and is gone: it was none. One that shows up later must outlast a tick of its own. */
export async function forgetDrift(table: Table, { key, moves }: Limit): Promise<void> {
  await changeLimit(table, key, { update: 'REMOVE #driftNoted', condition: '#moves = :moves', values: { moves } })
}

/** Changes a limit where the conditions hold; false where they do not. */
export async function changeLimit(table: Table, key: LimitKey, expressions: Expressions): Promise<boolean> {
  try {
    await table.client.send(new UpdateItemCommand({ ...keyOf(table, limitItemKey(key)), ...express(expressions) }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
