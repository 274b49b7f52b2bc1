import type { DeleteItemCommandInput, PutItemCommandInput, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { type Answer, answered } from './answer.ts'
import { deleteAction, type ItemAction, outcomeOf, putAction, updateAction } from './item-action.ts'
import { checkMembers, checkTableName } from './request-members.ts'
import { Unsupported } from './service-errors.ts'
import { lentItem } from './stored-value.ts'
import type { TableRows } from './table-rows.ts'

type Request = PutItemCommandInput | UpdateItemCommandInput | DeleteItemCommandInput

const CONDITIONAL = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValues',
  'ReturnValuesOnConditionCheckFailure',
  'ReturnConsumedCapacity',
]

/** Answers PutItem. */
export function putItem(rows: TableRows, name: string, request: PutItemCommandInput): Answer {
  checkMembers(request, [...CONDITIONAL, 'Item'])
  return write(rows, name, request, putAction, ['ALL_OLD'])
}

/** Answers UpdateItem. */
export function updateItem(rows: TableRows, name: string, request: UpdateItemCommandInput): Answer {
  checkMembers(request, [...CONDITIONAL, 'Key', 'UpdateExpression'])
  return write(rows, name, request, updateAction, ['ALL_OLD', 'ALL_NEW'])
}

/** Answers DeleteItem. */
export function deleteItem(rows: TableRows, name: string, request: DeleteItemCommandInput): Answer {
  checkMembers(request, [...CONDITIONAL, 'Key'])
  return write(rows, name, request, deleteAction, ['ALL_OLD'])
}

function write<R extends Request>(
  rows: TableRows,
  name: string,
  request: R,
  actionOf: (request: R) => ItemAction,
  returns: readonly string[],
): Answer {
  const { ReturnValues: wanted = 'NONE', ReturnConsumedCapacity } = request
  checkTableName(request.TableName, name)
  if (wanted !== 'NONE' && !returns.includes(wanted)) throw new Unsupported(`ReturnValues ${wanted}`)
  const action = actionOf(request)
  const before = rows.get(action.key)
  const after = outcomeOf(action, before)
  const units = rows.write(before, after)
  const returned: Record<string, Item | undefined> = { ALL_OLD: before?.item, ALL_NEW: after?.item }
  const Attributes = returned[wanted]
  return answered(name, Attributes ? { Attributes: lentItem(Attributes) } : {}, units, ReturnConsumedCapacity)
}
