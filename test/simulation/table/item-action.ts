import type {
  DeleteItemCommandInput,
  PutItemCommandInput,
  TransactWriteItem,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import type { Key } from '#shared/storage/dynamo/table.ts'
import { itemBytes } from '../../support/item-bytes.ts'
import { applyUpdate } from './expression/apply-update.ts'
import { checkUpdate } from './expression/check-update.ts'
import { type Condition, parseCondition } from './expression/condition.ts'
import { holds } from './expression/holds.ts'
import { type Placeholders, Scope } from './expression/scope.ts'
import { type ParsedUpdate, parseUpdate } from './expression/update.ts'
import { tableRow } from './index-rows.ts'
import { conditionFailed, ValidationException } from './service-errors.ts'
import type { Row } from './sorted-view.ts'
import { storedItem } from './stored-value.ts'
import { checkIndexKeys, itemKey, requestKey } from './table-schema.ts'

/** What one write does to one item, as far as that can be said without the item. */
export interface ItemAction {
  key: Key
  /** Raises ValidationException where the action can't be taken, whatever the item is and whether or not the condition holds. */
  check?: () => void
  /** What the item becomes, if the condition holds; a check leaves it as it is. */
  becomes: (before: Row | undefined) => Row | undefined
  condition: Condition | undefined
  scope: Scope
  /** Whether the error of a condition that does not hold shows what was there. */
  showsItem: boolean
  /** The bytes that the request brings along. */
  bytes: number
}

interface Conditional extends Placeholders {
  ConditionExpression?: string | undefined
  ReturnValuesOnConditionCheckFailure?: string | undefined
}

/** DynamoDB's limit. */
const ITEM_BYTES_MAX = 400 * 1024

export function putAction(request: Pick<PutItemCommandInput, 'Item'> & Conditional): ItemAction {
  const item = storedItem(request.Item ?? {})
  const key = itemKey(item)
  const after = tableRow(key, item)
  if (after.bytes > ITEM_BYTES_MAX) throw new ValidationException('Item size has exceeded the maximum allowed size')
  const check = () => checkIndexKeys(item, 'put')
  return { key, check, becomes: () => after, bytes: after.bytes, ...conditionOf(request) }
}

export function updateAction(
  request: Pick<UpdateItemCommandInput, 'Key' | 'UpdateExpression'> & Conditional,
): ItemAction {
  const key = requestKey(request.Key)
  const update = request.UpdateExpression === undefined ? undefined : parseUpdate(request.UpdateExpression)
  const conditional = conditionOf(request, update)
  if (update) checkUpdate(update, conditional.scope)
  const becomes = (before: Row | undefined) => {
    const fresh = Object.freeze({ pk: Object.freeze({ S: key.pk }), sk: Object.freeze({ S: key.sk }) })
    const item = before?.item ?? fresh
    const after = tableRow(key, update ? applyUpdate(update, item, conditional.scope) : item)
    checkIndexKeys(after.item, 'update')
    checkUpdatedSize(after, update)
    return after
  }
  return { key, becomes, bytes: 0, ...conditional }
}

export function deleteAction(request: Pick<DeleteItemCommandInput, 'Key'> & Conditional): ItemAction {
  return { key: requestKey(request.Key), becomes: () => undefined, bytes: 0, ...conditionOf(request) }
}

export function checkAction(request: NonNullable<TransactWriteItem['ConditionCheck']>): ItemAction {
  return { key: requestKey(request.Key), becomes: (before) => before, bytes: 0, ...conditionOf(request) }
}

/** The row that an action leaves. Raises ConditionalCheckFailedException, and ValidationException for what the item is. */
export function outcomeOf(action: ItemAction, before: Row | undefined): Row | undefined {
  const { condition, scope, showsItem } = action
  action.check?.()
  if (condition && !holds(condition, before?.item ?? {}, scope)) {
    throw conditionFailed(showsItem ? before?.item : undefined)
  }
  return action.becomes(before)
}

function conditionOf(request: Conditional, update?: ParsedUpdate) {
  const { ConditionExpression: text, ReturnValuesOnConditionCheckFailure: shows } = request
  const parsed = text === undefined ? undefined : parseCondition(text)
  const expressions = [update, parsed].filter((expression) => expression !== undefined)
  return { condition: parsed?.condition, scope: new Scope(request, expressions), showsItem: shows === 'ALL_OLD' }
}

/**
 * An update is measured in another way than a put: without the key, and with something for each of its actions. Found out
 * on DynamoDB by the authors of dynoxide ("update_item_is_measured_against_a_lower_ceiling_than_put_item" in its tests).
 */
function checkUpdatedSize({ pk, sk, bytes }: Row, update: ParsedUpdate | undefined): void {
  const { set = [], add = [], remove = [] } = update ?? {}
  const actions = 3 + 19 * (set.length + add.length) + 2 * remove.length
  const key = itemBytes({ pk: { S: pk }, sk: { S: sk } })
  if (bytes - key + actions <= ITEM_BYTES_MAX) return
  throw new ValidationException('Item size to update has exceeded the maximum allowed size')
}
