import {
  type CancellationReason,
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb'
import type { Row } from '../rows/sorted-view.ts'
import type { TableRows } from '../rows/table-rows.ts'
import { transactionCancelled, ValidationException } from '../service-errors.ts'
import { lentItem } from '../values/stored-value.ts'
import { type Answer, summed } from './answer.ts'
import { consumedCapacity, type Units } from './capacity.ts'
import { checkAction, deleteAction, type ItemAction, outcomeOf, putAction, updateAction } from './item-action.ts'
import { checkCount, checkMembers, checkTableName } from './request-members.ts'

interface Step {
  action: ItemAction
  before: Row | undefined
}

/** DynamoDB's limits for one transaction. */
const ACTIONS_MAX = 100
const BYTES_MAX = 4 * 1024 * 1024
/** A transaction writes each item twice; what follows in the indexes is no part of it. */
const WRITES = 2

const MEMBERS = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
]

/** Answers TransactWriteItems: all actions or none. A token for repeating a request is not among what the product sends. */
export function transactWriteItems(rows: TableRows, name: string, request: TransactWriteItemsCommandInput): Answer {
  checkMembers(request, ['TransactItems', 'ReturnConsumedCapacity'])
  const { TransactItems: items = [] } = request
  checkCount('transactItems', items.length, ACTIONS_MAX)
  const steps = items.map((item) => stepOf(rows, name, item))
  if (new Set(steps.map(({ action }) => JSON.stringify(action.key))).size < steps.length) {
    throw new ValidationException('Transaction request cannot include multiple operations on one item')
  }
  if (steps.reduce((sum, { action }) => sum + action.bytes, 0) > BYTES_MAX) {
    const what = 'the aggregate size of the items in the transaction exceeding the 4MB limit'
    throw new ValidationException(`Collection size of items exceeded, which can also be caused by ${what}`)
  }
  const outcomes = decide(steps)
  const all = steps.map((step, at) => commit(rows, step, outcomes[at]))
  const units = summed(all)
  const consumed = transactedCapacity(consumedCapacity(name, units, request.ReturnConsumedCapacity))
  return { output: consumed ? { ConsumedCapacity: [consumed] } : {}, units }
}

function stepOf(rows: TableRows, name: string, item: TransactWriteItem): Step {
  const { Put: put, Update: update, Delete: remove, ConditionCheck: check } = item
  const requests = [put, update, remove, check].filter((request) => request !== undefined)
  const [request] = requests
  if (!request || requests.length > 1) {
    throw new ValidationException('TransactItems can only contain one of Check, Put, Update or Delete')
  }
  checkMembers(request, [...MEMBERS, 'Key', 'Item', 'UpdateExpression'])
  checkTableName(request.TableName, name)
  const action = actionOf(item)
  return { action, before: rows.get(action.key) }
}

/** What one member of a transaction does. */
export function actionOf({
  Put: put,
  Update: update,
  Delete: remove,
  ConditionCheck: check,
}: TransactWriteItem): ItemAction {
  if (put) return putAction(put)
  if (update) return updateAction(update)
  if (remove) return deleteAction(remove)
  return checkAction(check as NonNullable<typeof check>)
}

/** The rows that the actions leave. Raises TransactionCanceledException when one of them can't be taken. */
function decide(steps: readonly Step[]): (Row | undefined)[] {
  const reasons: CancellationReason[] = []
  const outcomes = steps.map(({ action, before }) => {
    try {
      const outcome = outcomeOf(action, before)
      reasons.push({ Code: 'None' })
      return outcome
    } catch (error) {
      reasons.push(reasonOf(error))
      return undefined
    }
  })
  if (reasons.some(({ Code }) => Code !== 'None')) throw transactionCancelled(reasons)
  return outcomes
}

function reasonOf(error: unknown): CancellationReason {
  if (error instanceof ConditionalCheckFailedException) {
    const { message, Item } = error
    return { Code: 'ConditionalCheckFailed', Message: message, ...(Item && { Item: lentItem(Item) }) }
  }
  if (error instanceof ValidationException && !error.failsAll)
    return { Code: 'ValidationError', Message: error.message }
  throw error
}

/** Even a check costs as much as a write. */
function commit(rows: TableRows, { before }: Step, outcome: Row | undefined): Units {
  const { table, indexes } = rows.write(before, outcome)
  return { table: WRITES * table, indexes }
}

/** Transactions name their units twice, since others may be read units. */
function transactedCapacity(consumed: ConsumedCapacity | undefined): ConsumedCapacity | undefined {
  if (!consumed) return undefined
  const twice = <T extends { CapacityUnits?: number | undefined }>(units: T) => {
    return { ...units, WriteCapacityUnits: units.CapacityUnits }
  }
  const { Table: table, GlobalSecondaryIndexes: indexes } = consumed
  return {
    ...twice(consumed),
    ...(table && { Table: twice(table) }),
    ...(indexes && {
      GlobalSecondaryIndexes: Object.fromEntries(Object.entries(indexes).map(([name, units]) => [name, twice(units)])),
    }),
  }
}
