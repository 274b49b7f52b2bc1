import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Instant } from '#shared/instant.ts'
import { type LimitKey, poolLimit } from '#shared/limit/limit.ts'
import { express, keyOf, toItem } from '#shared/storage/dynamo/expression.ts'
import { limitItemKey, runKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure, TransactionRefused, transact, updateAction } from '#shared/storage/dynamo/transact.ts'
import { encodeClaim } from '#shared/storage/flow-run/run-codec.ts'
import { newLimitItem } from '#shared/storage/limit/change-limit.ts'

/** Creates a limit that is closed until it has counted who holds it. False when there is one already. */
export async function createDeploymentLimit(
  table: Table,
  key: LimitKey,
  limit: number | null,
  now: Instant,
): Promise<boolean> {
  const item = { ...newLimitItem(key, { limit, paused: true }), countingSince: now }
  const absent = { condition: 'attribute_not_exists(#pk)' }
  try {
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item), ...express(absent) }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}

/** Invalidates the limits that pending claims of the pool have already read. */
export async function raiseEpoch(table: Table, poolId: string): Promise<void> {
  const update = { update: 'SET #epoch = #epoch + :one', condition: 'attribute_exists(#pk)', values: { one: 1 } }
  try {
    await table.client.send(
      new UpdateItemCommand({ ...keyOf(table, limitItemKey(poolLimit(poolId))), ...express(update) }),
    )
  } catch (error) {
    if (!isConditionFailure(error)) throw error
  }
}

/**
 * Lends a held run a slot of the limit, past its cap if needed: running work is never stopped. False if the run moved
 * on.
 */
export async function adoptHolder(table: Table, key: LimitKey, run: FlowRun): Promise<boolean> {
  if (!run.claim || run.claim.slots.includes(key)) return false
  const claim = encodeClaim({ ...run.claim, slots: [...run.claim.slots, key] })
  try {
    await transact(table, [
      updateAction(table, runKey(run.id), {
        update: 'SET #claim = :claim, #revision = #revision + :one',
        condition: '#revision = :revision',
        values: {
          claim,
          one: 1,
          revision: run.revision,
        },
      }),
      updateAction(table, limitItemKey(key), {
        update: 'SET #active = #active + :one, #available = #available - :one, #moves = #moves + :one',
        condition: 'attribute_exists(#pk)',
        values: { one: 1 },
      }),
    ])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused) return false
    throw error
  }
}

/** Opens a limit that has counted its holders. */
export async function openLimit(table: Table, key: LimitKey): Promise<void> {
  const update = { update: 'SET #paused = :false REMOVE #countingSince', values: { false: false } }
  await table.client.send(new UpdateItemCommand({ ...keyOf(table, limitItemKey(key)), ...express(update) }))
}
