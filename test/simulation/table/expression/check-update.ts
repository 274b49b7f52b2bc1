import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { typeOf, type ValueType } from '../attribute-value.ts'
import { ValidationException } from '../service-errors.ts'
import { KEY_NAMES } from '../table-schema.ts'
import type { Scope } from './scope.ts'
import type { ParsedUpdate, Source } from './update.ts'

const TYPE_NAMES: Record<ValueType, string> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  L: 'LIST',
  M: 'MAP',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
}

/** Raises ValidationException for an update that DynamoDB refuses whatever the item is. */
export function checkUpdate(update: ParsedUpdate, scope: Scope): void {
  for (const { source } of update.set) checkSource(source, scope)
  for (const { value } of update.add) checkType(scope.value(value), ['N', 'SS', 'NS'], 'operator: ADD')
  const paths = [...update.set, ...update.add].map(({ path }) => path)
  checkApart([...paths, ...update.remove].map((path) => scope.names(path)))
}

function checkApart(paths: readonly string[][]): void {
  for (const [at, path] of paths.entries()) {
    for (const other of paths.slice(0, at)) {
      const length = Math.min(path.length, other.length)
      if (path.slice(0, length).some((name, depth) => name !== other[depth])) continue
      throw invalid(
        'Two document paths overlap with each other; must remove or rewrite one of these paths; ' +
          `path one: [${other.join(', ')}], path two: [${path.join(', ')}]`,
      )
    }
    const [name = ''] = path
    if (!KEY_NAMES.includes(name)) continue
    const what = `Cannot update attribute ${name}. This attribute is part of the key`
    throw new ValidationException(`One or more parameter values were invalid: ${what}`)
  }
}

function checkSource(source: Source, scope: Scope): void {
  const operands = operandsOf(source)
  for (const { operand, types, place } of operands) {
    if (operand.kind === 'value') checkType(scope.value(operand.value), types, place)
    checkSource(operand, scope)
  }
}

function operandsOf(source: Source): { operand: Source; types: readonly ValueType[]; place: string }[] {
  const place = 'operator or function: '
  switch (source.kind) {
    case 'sum': {
      const sign = place + (source.sign === 1 ? '+' : '-')
      return [source.left, source.right].map((operand) => ({ operand, types: ['N'], place: sign }))
    }
    case 'append':
      return [source.list, source.more].map((operand) => ({ operand, types: ['L'], place: `${place}list_append` }))
    case 'path':
    case 'value':
    case 'default':
      return []
  }
}

function checkType(value: AttributeValue, types: readonly ValueType[], place: string): void {
  const type = typeOf(value)
  if (types.includes(type)) return
  throw invalid(`Incorrect operand type for operator or function; ${place}, operand type: ${TYPE_NAMES[type]}`)
}

function invalid(what: string): ValidationException {
  return new ValidationException(`Invalid UpdateExpression: ${what}`)
}
