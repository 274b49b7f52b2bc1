import type { BatchWriteItemCommandInput, WriteRequest } from '@aws-sdk/client-dynamodb'
import type { TableRows } from '../rows/table-rows.ts'
import { ValidationException } from '../service-errors.ts'
import { type Answer, answeredBatch, summed } from './answer.ts'
import { deleteAction, type ItemAction, outcomeOf, putAction } from './item-action.ts'
import { checkCount, checkMembers, checkTableName } from './request-members.ts'

/** DynamoDB's limit for one batch. */
const REQUESTS_MAX = 25

/** Answers BatchWriteItem. Nothing is ever left unprocessed. */
export function batchWriteItem(rows: TableRows, name: string, request: BatchWriteItemCommandInput): Answer {
  checkMembers(request, ['RequestItems', 'ReturnConsumedCapacity'])
  const tables = Object.entries(request.RequestItems ?? {})
  const requests = tables.flatMap(([, some]) => some)
  checkCount('requestItems', requests.length, REQUESTS_MAX)
  for (const [table] of tables) checkTableName(table, name)
  const actions = requests.map(actionOf)
  checkDifferent(actions.map(({ key }) => key))
  const outcomes = actions.map((action) => ({ before: rows.get(action.key), after: outcomeOf(action, undefined) }))
  const units = summed(outcomes.map(({ before, after }) => rows.write(before, after)))
  return answeredBatch(name, { UnprocessedItems: {} }, units, request.ReturnConsumedCapacity)
}

function actionOf({ PutRequest: put, DeleteRequest: remove }: WriteRequest): ItemAction {
  if (put && !remove) return putAction(put)
  if (remove && !put) return deleteAction(remove)
  throw new ValidationException(
    'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
  )
}

/** Raises ValidationException for a key that is there twice. */
export function checkDifferent(keys: readonly object[]): void {
  if (new Set(keys.map((key) => JSON.stringify(key))).size === keys.length) return
  throw new ValidationException('Provided list of item keys contains duplicates')
}
