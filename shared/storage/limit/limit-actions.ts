import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { availableOf, type LimitKey } from '#shared/limit/limit.ts'
import { limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'
import { updateAction } from '#shared/storage/dynamo/transact.ts'

/** Takes n slots of a limit, if it is open and has them. With `epoch`, only while the pool's epoch is still that. */
export function takeAction(table: Table, key: LimitKey, n: number, epoch?: number): TransactWriteItem {
  const sameEpoch = epoch === undefined ? '' : ' AND #epoch = :epoch'
  return updateAction(table, limitItemKey(key), {
    update: 'SET #active = #active + :n, #available = #available - :n, #moves = #moves + :one',
    condition: `#paused = :false AND #deleting = :false AND #available >= :n${sameEpoch}`,
    values: { n, one: 1, false: false, ...(epoch === undefined ? {} : { epoch }) },
  })
}

/**
 * Gives slots back, one of each limit. There is no condition but that the limit exists: the run's own condition in the
 * same transaction sees to it that this happens once.
 */
export function releaseActions(table: Table, slots: readonly LimitKey[]): TransactWriteItem[] {
  return slots.map((key) =>
    updateAction(table, limitItemKey(key), {
      update: 'SET #active = #active - :one, #available = #available + :one, #moves = #moves + :one',
      condition: 'attribute_exists(#pk)',
      values: { one: 1 },
    }),
  )
}

/** What an operator may change of a limit; omitted members stay unchanged. */
export interface LimitSettings {
  limit?: number | null | undefined
  paused?: boolean | undefined
}

/**
 * Changes a limit's settings whatever its count is at that moment, together with what else is in the transaction. Nothing
 * that runs is stopped: below the count, `available` is negative and no claim commits until enough holders have ended.
 * Fails on a limit that does not exist or is being deleted.
 */
export function settingsAction(table: Table, key: LimitKey, settings: LimitSettings): TransactWriteItem {
  const { limit, paused } = settings
  const set = [
    ...(limit === undefined ? [] : ['#available = :cap - #active']),
    ...(limit === undefined || limit === null ? [] : ['#limit = :cap']),
    ...(paused === undefined ? [] : ['#paused = :paused']),
  ]
  return updateAction(table, limitItemKey(key), {
    update: `SET ${set.join(', ')}${limit === null ? ' REMOVE #limit' : ''}`,
    condition: '#deleting = :false',
    values: {
      false: false,
      ...(limit === undefined ? {} : { cap: availableOf(limit, 0) }),
      ...(paused === undefined ? {} : { paused }),
    },
  })
}
