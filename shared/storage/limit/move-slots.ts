import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { type Instant, sortable } from '#shared/instant.ts'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { leaseKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { giveActions, type SlotMove, takeActions } from './slot-actions.ts'

/** Takes slots of all the limits or of none. False: there are too few left, or something moved; read again. */
export async function takeSlots(table: Table, move: SlotMove): Promise<boolean> {
  return await attempt(table, takeActions(table, move))
}

/** Gives slots back, once. False: something moved, or the lease no longer exists; read again. */
export async function giveSlots(table: Table, move: SlotMove): Promise<boolean> {
  return await attempt(table, giveActions(table, move))
}

async function attempt(table: Table, actions: ReturnType<typeof takeActions>): Promise<boolean> {
  if (actions.length === 0) return true
  try {
    await transact(table, actions)
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && actions.some((_, at) => error.failedAt(at))) return false
    throw error
  }
}

/** Puts off the end of a lease that is there; false when it is not. */
export async function renewLease(table: Table, leaseId: string, until: Instant): Promise<boolean> {
  const update = {
    update: 'SET #until = :until, #phaseSort = :sort',
    condition: 'attribute_exists(#pk)',
    values: { until, sort: sortable(until) },
  }
  try {
    await table.client.send(new UpdateItemCommand({ ...keyOf(table, leaseKey(leaseId)), ...express(update) }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
