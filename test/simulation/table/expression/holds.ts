import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { compareValues, sameValue } from '../attribute-value.ts'
import type { Comparator, Condition, Operand } from './condition.ts'
import type { Scope } from './scope.ts'

/** Whether a condition holds for an item; one that is not there has no attributes. */
export function holds(condition: Condition, item: Item, scope: Scope): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item, scope) && holds(condition.right, item, scope)
    case 'or':
      return holds(condition.left, item, scope) || holds(condition.right, item, scope)
    case 'exists':
      return scope.attribute(item, condition.path) !== undefined
    case 'absent':
      return scope.attribute(item, condition.path) === undefined
    case 'begins':
      return beginsWith(read(condition.text, item, scope), read(condition.prefix, item, scope))
    case 'compare':
      return compares(read(condition.left, item, scope), condition.comparator, read(condition.right, item, scope))
    case 'between': {
      const middle = read(condition.middle, item, scope)
      return (
        compares(middle, '>=', read(condition.from, item, scope)) &&
        compares(middle, '<=', read(condition.to, item, scope))
      )
    }
  }
}

function read(operand: Operand, item: Item, scope: Scope): AttributeValue | undefined {
  return 'value' in operand ? scope.value(operand.value) : scope.attribute(item, operand.path)
}

/** An attribute that is not there is unequal to everything, and compares to nothing. */
function compares(
  left: AttributeValue | undefined,
  comparator: Comparator,
  right: AttributeValue | undefined,
): boolean {
  if (!left || !right) return comparator === '<>'
  switch (comparator) {
    case '=':
      return sameValue(left, right)
    case '<>':
      return !sameValue(left, right)
    case '<':
      return compareValues(left, right) < 0
    case '<=':
      return compareValues(left, right) <= 0
    case '>':
      return compareValues(left, right) > 0
    case '>=':
      return compareValues(left, right) >= 0
  }
}

function beginsWith(text: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  return text?.S !== undefined && prefix?.S !== undefined && text.S.startsWith(prefix.S)
}
