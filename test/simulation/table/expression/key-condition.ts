import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { compareValues, typeOf } from '../attribute-value.ts'
import { Unsupported, ValidationException } from '../service-errors.ts'
import type { KeySchema } from '../table-schema.ts'
import type { Condition, Operand } from './condition.ts'
import { holds } from './holds.ts'
import type { Scope } from './scope.ts'

/** The rows that a query reads: a partition, and which of it. */
export interface KeyRange {
  hash: string
  includes: (item: Item) => boolean
  isPartial: boolean
}

/** The range that a KeyConditionExpression means. Raises ValidationException for one that DynamoDB does not take. */
export function keyRange(condition: Condition, scope: Scope, schema: KeySchema): KeyRange {
  const parts = condition.kind === 'and' ? [condition.left, condition.right] : [condition]
  const byName = new Map(parts.map((part) => [nameIn(part, scope), part]))
  const [first, second] = [byName.get(schema.hash), byName.get(schema.sort)]
  if (!first) throw new ValidationException(`Query condition missed key schema element: ${schema.hash}`)
  if (parts.length > 1 && !second) {
    throw new ValidationException(`Query condition missed key schema element: ${schema.sort}`)
  }
  const hash = equalTo(first, scope)
  if (second) checkRange(second, scope, schema)
  return { hash, includes: (item) => !second || holds(second, item, scope), isPartial: second !== undefined }
}

/** The attribute that a part of a key condition is about. */
function nameIn(part: Condition, scope: Scope): string | undefined {
  if (part.kind === 'compare') return nameOf(part.left, scope)
  if (part.kind === 'between') return nameOf(part.middle, scope)
  if (part.kind === 'begins') return nameOf(part.text, scope)
  throw new ValidationException(`Invalid operator used in KeyConditionExpression: ${part.kind}`)
}

function nameOf(operand: Operand, scope: Scope): string | undefined {
  if ('value' in operand) throw new Unsupported('a key condition with the value in front')
  return scope.names(operand.path)[0]
}

function equalTo(part: Condition, scope: Scope): string {
  if (part.kind !== 'compare' || part.comparator !== '=')
    throw new ValidationException('Query key condition not supported')
  const { S: hash } = valueOf(part.right, scope, 'S')
  if (hash === '') {
    const what = 'The AttributeValue for a key attribute cannot contain an empty string value.'
    throw new ValidationException(`One or more parameter values are not valid. ${what}`)
  }
  return hash as string
}

function checkRange(part: Condition, scope: Scope, { sortType }: KeySchema): void {
  if (part.kind === 'compare') {
    valueOf(part.right, scope, sortType)
    if (part.comparator === '<>') throw new ValidationException('Invalid operator used in KeyConditionExpression: <>')
  } else if (part.kind === 'between') {
    const [from, to] = [valueOf(part.from, scope, sortType), valueOf(part.to, scope, sortType)]
    if (compareValues(from, to) > 0) throw reversed(from, to)
  } else if (part.kind === 'begins') {
    valueOf(part.prefix, scope, sortType)
    if (sortType === 'N') throw new ValidationException('Invalid KeyConditionExpression: begins_with takes no numbers')
  }
}

function valueOf(operand: Operand, scope: Scope, type: 'S' | 'N'): AttributeValue {
  if (!('value' in operand)) throw new ValidationException('Invalid condition in KeyConditionExpression: no value')
  const value = scope.value(operand.value)
  if (typeOf(value) === type) return value
  const what = 'Condition parameter type does not match schema type'
  throw new ValidationException(`One or more parameter values were invalid: ${what}`)
}

function reversed(from: AttributeValue, to: AttributeValue): ValidationException {
  const text = (value: AttributeValue) => `AttributeValue: {${typeOf(value)}:${value.S ?? value.N}}`
  return new ValidationException(
    'Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ' +
      `lower bound operand: ${text(from)}, upper bound operand: ${text(to)}`,
  )
}
