import { isDeepStrictEqual } from 'node:util'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure, putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { giveActions, type SlotMove, takeActions } from '#shared/storage/limit/slot-actions.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'
import { getTaskRun } from './get-task-run.ts'
import { encodeTaskRun } from './task-run-codec.ts'

/** The change of a task run's slots in a transition. */
export interface TaskRunSlots {
  take?: SlotMove | undefined
  give?: SlotMove | undefined
}

/**
 * Writes `after` if the stored task run is still `before`, together with the change of its slots. Its details stay as
 * they were created. False when another write came first, or the slots are not available or no longer held: then
 * nothing was written, and the caller must decide again on fresh reads.
 */
export async function saveTaskRun(
  table: Table,
  before: TaskRun,
  after: TaskRun,
  slots: TaskRunSlots = {},
): Promise<boolean> {
  const { take, give } = slots
  const item = encodeTaskRun({ ...after, revision: before.revision + 1 })
  // `created` tells it from another that a client gave the same id after this one was deleted.
  const { revision, created } = before
  const unchanged = { condition: '#revision = :revision AND #created = :created', values: { revision, created } }
  const beside = [...(take ? takeActions(table, take) : []), ...(give ? giveActions(table, give) : [])]
  try {
    if (beside.length === 0) {
      await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item), ...express(unchanged) }))
    } else await transact(table, [putAction(table, item, unchanged), ...beside])
    return true
  } catch (error) {
    const cancelled = error instanceof TransactionRefused && error.reasons.some((_, at) => error.failedAt(at))
    if (!cancelled && !isConditionFailure(error)) throw error
    // A try that timed out may have succeeded: then the item holds exactly what we meant to write.
    const stored = await getTaskRun(table, before.id)
    return stored !== undefined && isDeepStrictEqual(toItem(encodeTaskRun(stored)), toItem(item))
  }
}
