import { isDeepStrictEqual } from 'node:util'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { RunInput } from '#shared/flow-run/run-input.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import { runDetailsKey, type Table } from '#shared/storage/dynamo/table.ts'
import {
  deleteAction,
  isConditionFailure,
  putAction,
  TransactionRefused,
  transact,
} from '#shared/storage/dynamo/transact.ts'
import { releaseActions } from '#shared/storage/limit/limit-actions.ts'
import { getRun } from './get-run.ts'
import { encodeRunInput } from './put-run-input.ts'
import { encodeRun } from './run-codec.ts'
import { chunkItems, encodeDetails } from './run-details.ts'

/**
 * Writes `after` if the stored run is still `before`. The slots that `before` holds and `after` does not are released
 * in the same transaction, so they are released once, however often this is tried; an input that it is given is stored
 * in it, too, in place of one of its key. Returns false when another write came first; then nothing was written, and the
 * caller must decide again on a fresh read.
 */
export async function saveRun(table: Table, before: FlowRun, after: FlowRun, input?: RunInput): Promise<boolean> {
  const next = { ...after, revision: before.revision + 1 }
  return await write(table, before, next, releasedSlots(before, after), input)
}

async function write(
  table: Table,
  before: FlowRun,
  next: FlowRun,
  slots: readonly LimitKey[],
  input: RunInput | undefined,
): Promise<boolean> {
  const text = encodeDetails(next.details)
  const chunks = chunkItems(next.id, text)
  const details = chunks.length === 0 ? { details: text } : { detailChunks: chunks.length }
  const item = { ...encodeRun(next), ...details }
  const { life, revision } = before
  const unchanged = { condition: '#revision = :revision AND #life = :life', values: { revision, life } }
  const given = input === undefined ? [] : [putAction(table, encodeRunInput(life, input))]
  const beside = [...releaseActions(table, slots), ...chunkChanges(table, before, text, chunks), ...given]
  try {
    if (beside.length === 0) {
      await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item), ...express(unchanged) }))
    } else {
      await transact(table, [putAction(table, item, unchanged), ...beside])
    }
    return true
  } catch (error) {
    const lost = isConditionFailure(error) || (error instanceof TransactionRefused && error.failedAt(0))
    if (!lost) return await write(table, before, next, withoutMissing(slots, error), input)
    // A try that timed out may have succeeded: then the item holds exactly what we meant to write.
    const stored = await getRun(table, next.id)
    if (!stored || encodeDetails(stored.details) !== text) return false
    return isDeepStrictEqual(toItem(encodeRun(stored)), toItem(encodeRun(next)))
  }
}

function releasedSlots(before: FlowRun, after: FlowRun): LimitKey[] {
  const kept = new Set(after.claim?.slots)
  return (before.claim?.slots ?? []).filter((slot) => !kept.has(slot))
}

/**
 * The slots whose limits exist, after a release failed for one that no longer exists, as after a restore of half a
 * backup: it must not prevent its holders from ending. Raises the error itself when it was about anything else.
 */
function withoutMissing(slots: readonly LimitKey[], error: unknown): LimitKey[] {
  const existing = slots.filter((_, at) => !(error instanceof TransactionRefused && error.failedAt(at + 1)))
  if (existing.length === slots.length) throw error
  return existing
}

/** Details are rewritten only when they changed, and chunks that are no longer needed are removed. */
function chunkChanges(table: Table, before: FlowRun, text: string, chunks: { pk: string; sk: string }[]) {
  const textBefore = encodeDetails(before.details)
  if (textBefore === text) return []
  const countBefore = chunkItems(before.id, textBefore).length
  const gone = Array.from({ length: Math.max(0, countBefore - chunks.length) }, (_, at) => chunks.length + at)
  return [
    ...chunks.map((chunk) => putAction(table, chunk)),
    ...gone.map((chunk) => deleteAction(table, runDetailsKey(before.id, chunk))),
  ]
}
