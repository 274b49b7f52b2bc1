import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { KEY_NAMES } from '../rows/table-schema.ts'
import { ValidationException } from '../service-errors.ts'
import { typeOf, type ValueType } from '../values/attribute-value.ts'
import type { Scope } from './scope.ts'
import type { ParsedUpdate, Source } from './update.ts'

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
  switch (source.kind) {
    case 'sum': {
      const place = `operator or function: ${source.sign === 1 ? '+' : '-'}`
      for (const operand of [source.left, source.right]) checkOperand(operand, 'N', place, scope)
      return
    }
    case 'append':
      for (const operand of [source.list, source.more]) {
        checkOperand(operand, 'L', 'operator or function: list_append', scope)
      }
      return
    case 'default':
      checkSource(source.otherwise, scope)
      return
    case 'path':
    case 'value':
      return
  }
}

function checkOperand(operand: Source, type: ValueType, place: string, scope: Scope): void {
  if (operand.kind === 'value') checkType(scope.value(operand.value), [type], place)
}

function checkType(value: AttributeValue, types: readonly ValueType[], place: string): void {
  const type = typeOf(value)
  if (types.includes(type)) return
  throw invalid(`Incorrect operand type for operator or function; ${place}, operand type: ${type}`)
}

function invalid(what: string): ValidationException {
  return new ValidationException(`Invalid UpdateExpression: ${what}`)
}
