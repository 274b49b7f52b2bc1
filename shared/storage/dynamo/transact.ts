import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CancellationReason,
  ConditionalCheckFailedException,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { type Expressions, express, keyOf, toItem } from './expression.ts'
import type { Key, Table } from './table.ts'

/** A transaction that DynamoDB refused, with one reason per action in the order of the actions. */
export class TransactionRefused extends Error {
  readonly reasons: readonly CancellationReason[]
  constructor(reasons: readonly CancellationReason[]) {
    super(`transaction cancelled: ${reasons.map((reason) => reason.Code ?? 'None').join(', ')}`)
    this.name = 'Cancelled'
    this.reasons = reasons
  }

  /** True when the action at this place failed its own condition. */
  failedAt(index: number): boolean {
    return this.reasons[index]?.Code === 'ConditionalCheckFailed'
  }
}

/** Reasons that say nothing about the data: the same transaction may well pass a moment later. */
const PASSING = new Set([
  'None',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'TransactionInProgress',
])
const TRIES_MAX = 6
const BACKOFF_MS_FIRST = 20
const BACKOFF_MS_MAX = 500

/** Writes a whole item, where the conditions hold. */
export function putAction(table: Table, item: object, conditions: Expressions = {}): TransactWriteItem {
  return { Put: { TableName: table.name, Item: toItem(item), ...express(conditions) } }
}

/** Changes an item, where the conditions hold; one that is missing is created. */
export function updateAction(table: Table, key: Key, expressions: Expressions): TransactWriteItem {
  return { Update: { ...keyOf(table, key), UpdateExpression: '', ...express(expressions) } }
}

/** Deletes an item, where the conditions hold. */
export function deleteAction(table: Table, key: Key, conditions: Expressions = {}): TransactWriteItem {
  return { Delete: { ...keyOf(table, key), ...express(conditions) } }
}

/** Writes nothing, and fails the transaction where the conditions do not hold. */
export function checkAction(table: Table, key: Key, conditions: Expressions): TransactWriteItem {
  return { ConditionCheck: { ...keyOf(table, key), ConditionExpression: '', ...express(conditions) } }
}

/**
 * Writes all actions or none. Conflicts and throttling are tried again a few times, after a wait with full jitter.
 * Raises Cancelled when a condition failed or the tries ran out. A timeout is thrown as it is: then the outcome is
 * unknown, and the caller must read to learn it.
 */
export async function transact(table: Table, actions: TransactWriteItem[]): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await table.client.send(new TransactWriteItemsCommand({ TransactItems: actions }))
      return
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error
      const reasons = error.CancellationReasons ?? []
      const passing = reasons.length > 0 && reasons.every((reason) => PASSING.has(reason.Code ?? 'None'))
      if (!passing || tried === TRIES_MAX) throw new TransactionRefused(reasons)
      // Chance here only spreads competing writers apart; it decides nothing, so it need not be repeatable.
      await sleep(Math.random() * Math.min(BACKOFF_MS_MAX, BACKOFF_MS_FIRST * 2 ** tried))
    }
  }
}

/** True for the error of a single write whose condition failed; a transaction raises Cancelled instead. */
export function isConditionFailure(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException
}
