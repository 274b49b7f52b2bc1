import type { DeleteItemCommandInput, PutItemCommandInput, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb'
import type { TableRows } from '../rows/table-rows.ts'
import { Unsupported } from '../service-errors.ts'
import { lentItem } from '../values/stored-value.ts'
import { type Answer, answered } from './answer.ts'
import { deleteAction, type ItemAction, outcomeOf, putAction, updateAction } from './item-action.ts'
import { checkMembers, checkTableName } from './request-members.ts'

type Request = PutItemCommandInput | UpdateItemCommandInput | DeleteItemCommandInput

const CONDITIONAL = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
  'ReturnConsumedCapacity',
]

/** Answers PutItem. */
export function putItem(rows: TableRows, name: string, request: PutItemCommandInput): Answer {
  checkMembers(request, [...CONDITIONAL, 'Item'])
  return write(rows, name, request, putAction)
}

/** Answers UpdateItem. */
export function updateItem(rows: TableRows, name: string, request: UpdateItemCommandInput): Answer {
  checkMembers(request, [...CONDITIONAL, 'Key', 'UpdateExpression'])
  return write(rows, name, request, updateAction)
}

/** Answers DeleteItem, which may return what it deleted. */
export function deleteItem(rows: TableRows, name: string, request: DeleteItemCommandInput): Answer {
  const { ReturnValues: wanted, ...others } = request
  checkMembers(others, [...CONDITIONAL, 'Key'])
  if (wanted !== undefined && wanted !== 'ALL_OLD') throw new Unsupported(`ReturnValues ${wanted}`)
  return write(rows, name, request, deleteAction, wanted === 'ALL_OLD')
}

function write<R extends Request>(
  rows: TableRows,
  name: string,
  request: R,
  actionOf: (request: R) => ItemAction,
  returnsOld = false,
): Answer {
  checkTableName(request.TableName, name)
  const action = actionOf(request)
  const before = rows.get(action.key)
  const units = rows.write(before, outcomeOf(action, before))
  const output = returnsOld && before ? { Attributes: lentItem(before.item) } : {}
  return answered(name, output, units, request.ReturnConsumedCapacity)
}
