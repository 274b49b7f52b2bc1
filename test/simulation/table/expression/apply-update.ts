import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { typeOf } from '../attribute-value.ts'
import { addNumbers } from '../decimal.ts'
import { ValidationException } from '../service-errors.ts'
import type { Scope } from './scope.ts'
import type { ParsedUpdate, Source } from './update.ts'

/** The item as an update leaves it. Raises ValidationException where the item does not have what the update builds on. */
export function applyUpdate(update: ParsedUpdate, before: Item, scope: Scope): Item {
  // Every attribute is read as it was before, whatever the order of the actions.
  const read = (source: Source) => valueOf(source, before, scope)
  const changes: [string[], AttributeValue | undefined][] = [
    ...update.set.map(({ path, source }): [string[], AttributeValue] => [scope.names(path), read(source)]),
    ...update.remove.map((path): [string[], undefined] => [scope.names(path), undefined]),
    ...update.add.map(({ path, value }): [string[], AttributeValue] => {
      return [scope.names(path), added(scope.attribute(before, path), scope.value(value))]
    }),
  ]
  let item = before
  for (const [path, value] of changes) item = changed(item, path, value)
  return Object.freeze(item)
}

function changed(item: Item, [name = '', ...rest]: readonly string[], value: AttributeValue | undefined): Item {
  if (rest.length > 0) {
    const map = item[name]?.M
    if (!map) throw new ValidationException('The document path provided in the update expression is invalid for update')
    return { ...item, [name]: Object.freeze({ M: Object.freeze(changed(map, rest, value)) }) }
  }
  if (value) return { ...item, [name]: value }
  const { [name]: _, ...others } = item
  return others
}

function valueOf(source: Source, item: Item, scope: Scope): AttributeValue {
  switch (source.kind) {
    case 'value':
      return scope.value(source.value)
    case 'path': {
      const value = scope.attribute(item, source.path)
      if (value) return value
      throw new ValidationException('The provided expression refers to an attribute that does not exist in the item')
    }
    case 'default':
      return scope.attribute(item, source.path) ?? valueOf(source.otherwise, item, scope)
    case 'append':
      return appended(valueOf(source.list, item, scope), valueOf(source.more, item, scope))
    case 'sum':
      return sum(valueOf(source.left, item, scope), valueOf(source.right, item, scope), source.sign)
  }
}

function appended({ L: list }: AttributeValue, { L: more }: AttributeValue): AttributeValue {
  if (!list || !more) throw wrongType()
  return Object.freeze({ L: Object.freeze([...list, ...more]) as AttributeValue[] })
}

function sum(left: AttributeValue, right: AttributeValue, sign: 1 | -1): AttributeValue {
  if (left.N === undefined || right.N === undefined) throw wrongType()
  return Object.freeze({ N: addNumbers(left.N, right.N, sign) })
}

function added(before: AttributeValue | undefined, more: AttributeValue): AttributeValue {
  if (!before) return more
  if (typeOf(before) !== typeOf(more)) throw wrongType()
  if (more.N !== undefined) return sum(before, more, 1)
  if (more.SS) return Object.freeze({ SS: union(before.SS, more.SS) })
  return Object.freeze({ NS: union(before.NS, more.NS) })
}

function union(before: readonly string[] = [], more: readonly string[] = []): string[] {
  return Object.freeze([...new Set([...before, ...more])]) as string[]
}

function wrongType(): ValidationException {
  return new ValidationException('An operand in the update expression has an incorrect data type')
}
