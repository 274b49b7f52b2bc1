import { PutItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure, putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { firstSlotsAction } from '#shared/storage/limit/deployment-limit-actions.ts'
import { takeAction } from '#shared/storage/limit/limit-actions.ts'
import { encodeRun } from './run-codec.ts'
import { chunkItems, encodeDetails } from './run-details.ts'

const ABSENT = { condition: 'attribute_not_exists(#pk)' }

/**
 * Writes a new run whole, or not at all. Returns false when its id is taken: then a create with the same idempotency
 * key, or an earlier try of this very one, came first.
 */
export async function createRun(table: Table, run: FlowRun): Promise<boolean> {
  const { item, chunks } = itemsOf(run)
  try {
    if (chunks.length === 0) {
      await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item), ...express(ABSENT) }))
    } else {
      await transact(table, runActions(table, run))
    }
    return true
  } catch (error) {
    if (isConditionFailure(error) || (error instanceof TransactionRefused && error.failedAt(0))) return false
    throw error
  }
}

/** `exists`: the id is taken, as above. `refused`: limits that have no room; then nothing was written. */
export type ClaimedRunResult = { kind: 'created' } | { kind: 'exists' } | { kind: 'refused'; refused: LimitKey[] }

/** Writes a new run that is claimed already and takes its slots, in one transaction; `poolEpoch` and `absent` as for claims. */
export async function createClaimedRun(
  table: Table,
  run: FlowRun,
  { poolEpoch, absent }: { poolEpoch: { key: LimitKey; epoch: number } | null; absent: LimitKey | null },
): Promise<ClaimedRunResult> {
  const actions = runActions(table, run)
  const slots = run.claim?.slots ?? []
  const epochOf = (key: LimitKey) => (key === poolEpoch?.key ? poolEpoch.epoch : undefined)
  const takes = slots.map((key) =>
    key === absent ? firstSlotsAction(table, key, 1, run.state.timestamp) : takeAction(table, key, 1, epochOf(key)),
  )
  try {
    await transact(table, [...actions, ...takes])
    return { kind: 'created' }
  } catch (error) {
    if (!(error instanceof TransactionRefused)) throw error
    if (error.failedAt(0)) return { kind: 'exists' }
    const refused = slots.filter((_, at) => error.failedAt(actions.length + at))
    if (refused.length === 0) throw error
    return { kind: 'refused', refused }
  }
}

function itemsOf(run: FlowRun) {
  const text = encodeDetails(run.details)
  const chunks = chunkItems(run.id, text)
  const details = chunks.length === 0 ? { details: text } : { detailChunks: chunks.length }
  return { item: { ...encodeRun(run), ...details }, chunks }
}

function runActions(table: Table, run: FlowRun): TransactWriteItem[] {
  const { item, chunks } = itemsOf(run)
  return [putAction(table, item, ABSENT), ...chunks.map((chunk) => putAction(table, chunk))]
}
