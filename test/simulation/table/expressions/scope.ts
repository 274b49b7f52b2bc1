import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { ValidationException } from '../service-errors.ts'
import { storedValue } from '../values/stored-value.ts'
import type { Mentions, Path } from './expression-tokens.ts'

/** The parts of a request that its expressions share. */
export interface Placeholders {
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined
}

/** The names and values that the expressions of one request mention, each defined. */
export class Scope {
  readonly #names: Record<string, string>
  readonly #values: Record<string, AttributeValue> = {}

  /** Raises ValidationException where a name or value is mentioned and undefined, or defined and not mentioned. */
  constructor(request: Placeholders, expressions: readonly { mentions: Mentions }[]) {
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = request
    this.#names = names ?? {}
    checkDefined(
      'Names',
      names,
      expressions.map(({ mentions }) => mentions.names),
    )
    checkDefined(
      'Values',
      values,
      expressions.map(({ mentions }) => mentions.values),
    )
    for (const token in values) this.#values[token] = storedValue(values[token] as AttributeValue)
  }

  /** The names that a path goes through. */
  names(path: Path): string[] {
    return path.map((token) => this.#names[token] as string)
  }

  value(token: string): AttributeValue {
    return this.#values[token] as AttributeValue
  }

  /** What a path leads to in an item. */
  attribute(item: Item, path: Path): AttributeValue | undefined {
    let value: AttributeValue | undefined = { M: item }
    for (const token of path) value = value?.M?.[this.#names[token] as string]
    return value
  }
}

const UNDEFINED = {
  Names: 'An expression attribute name used in the document path is not defined; attribute name: ',
  Values: 'An expression attribute value used in expression is not defined; attribute value: ',
}

function checkDefined(
  what: 'Names' | 'Values',
  defined: Record<string, unknown> | undefined,
  mentioned: readonly Set<string>[],
): void {
  if (defined && mentioned.length === 0) {
    throw new ValidationException(`ExpressionAttribute${what} can only be specified when using expressions`)
  }
  if (defined && Object.keys(defined).length === 0) {
    throw new ValidationException(`ExpressionAttribute${what} must not be empty`)
  }
  const unused = defined && new Set(Object.keys(defined))
  for (const tokens of mentioned) {
    for (const token of tokens) {
      if (defined?.[token] === undefined) throw new ValidationException(UNDEFINED[what] + token)
      unused?.delete(token)
    }
  }
  if (!unused || unused.size === 0) return
  const keys = [...unused].join(', ')
  throw new ValidationException(`Value provided in ExpressionAttribute${what} unused in expressions: keys: {${keys}}`)
}
