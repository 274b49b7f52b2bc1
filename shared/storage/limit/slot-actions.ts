import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import { activeAt, type GlobalLimit, globalLimitKey } from '#shared/limit/global-limit.ts'
import type { Lease } from '#shared/limit/lease.ts'
import { leaseKey, limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, putAction, updateAction } from '#shared/storage/dynamo/transact.ts'
import { encodeLease } from './lease-codec.ts'

/** Slots to be taken or given back, with their limits as they were read. */
export interface SlotMove {
  limits: readonly GlobalLimit[]
  slots: number
  /** The lease that takes or gives them; without one, they are only counted. */
  lease?: Lease | undefined
  now: Instant
}

/** Takes slots of all the limits, and writes the lease down; none of it when there are too few left, or things moved. */
export function takeActions(table: Table, { limits, slots, lease, now }: SlotMove): TransactWriteItem[] {
  const absent = { condition: 'attribute_not_exists(#pk)' }
  const loose = lease ? 0 : slots
  return [
    ...(lease ? [putAction(table, encodeLease(lease), absent)] : []),
    ...limits.map((limit) => countAction(table, limit, { by: slots, loose, now, most: limit.limit - slots })),
  ]
}

/** Gives slots back, and ends the lease, if that is still there as it was read. */
export function giveActions(table: Table, { limits, slots, lease, now }: SlotMove): TransactWriteItem[] {
  const asRead = { condition: '#until = :until', values: { until: lease?.until } }
  const held = lease ? secondsBetween(lease.created, now) : undefined
  return [
    ...(lease ? [deleteAction(table, leaseKey(lease.id), asRead)] : []),
    ...limits.map((limit) => {
      const back = lease ? slots : Math.min(slots, limit.decayPerSecond > 0 ? slots : limit.loose)
      return countAction(table, limit, { by: -back, loose: lease ? 0 : -back, now, heldSeconds: held })
    }),
  ]
}

interface Count {
  by: number
  loose: number
  now: Instant
  /** The maximum in use before. */
  most?: number
  heldSeconds?: number | undefined
}

/**
 * Changes how many slots are in use. Conditions allow no arithmetic, so the decay is computed on what was read, and
 * holds if nothing moved; without decay, the count may have moved as long as it leaves room.
 */
function countAction(
  table: Table,
  limit: GlobalLimit,
  { by, loose, now, most, heldSeconds }: Count,
): TransactWriteItem {
  const { decayPerSecond: decay, moves, created, limit: cap, countedAt } = limit
  const same = '#created = :created AND #decayPerSecond = :decay'
  const held = heldSeconds === undefined ? '' : ', #heldSeconds = #heldSeconds + :held, #releases = #releases + :one'
  const moved = '#leased = #leased + :leased, #moves = #moves + :one'
  const counted = {
    leased: by - loose,
    decay,
    created,
    one: 1,
    ...(heldSeconds === undefined ? {} : { held: Math.max(0, heldSeconds) }),
  }
  const key = limitItemKey(globalLimitKey(limit.id))
  if (decay > 0) {
    return updateAction(table, key, {
      update: `SET #active = :active, #countedAt = :at, ${moved}${held}`,
      condition: `${same} AND #moves = :moves`,
      values: { ...counted, moves, active: Math.max(0, activeAt(limit, now) + by), at: Math.max(now, countedAt) },
    })
  }
  const room = most === undefined ? '' : ' AND #inForce = :true AND #limit = :cap AND #active <= :most'
  return updateAction(table, key, {
    update: `SET #active = #active + :by, #loose = #loose + :loose, ${moved}${held}`,
    condition: `${same}${room}${loose < 0 ? ' AND #loose >= :back' : ''}`,
    values: {
      ...counted,
      by,
      loose,
      ...(most === undefined ? {} : { true: true, cap, most }),
      ...(loose < 0 ? { back: -loose } : {}),
    },
  })
}
