import { type ExpressionKind, ExpressionTokens, type Mentions, memoised, type Path } from './expression-tokens.ts'

/** An attribute of the item, or a value of the request. */
export type Operand = { path: Path } | { value: string }

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>='

export type Condition =
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'exists' | 'absent'; path: Path }
  | { kind: 'begins'; text: Operand; prefix: Operand }
  | { kind: 'compare'; left: Operand; comparator: Comparator; right: Operand }
  | { kind: 'between'; middle: Operand; from: Operand; to: Operand }

export interface ParsedCondition {
  condition: Condition
  mentions: Mentions
}

const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='] satisfies Comparator[])

/** Parses conditions of one kind. What the product does not use (NOT, IN, size and the like) raises Unsupported. */
function parserOf(kind: ExpressionKind): (text: string) => ParsedCondition {
  return memoised((text) => {
    const tokens = new ExpressionTokens(kind, text)
    const condition = new ConditionParser(tokens).either()
    tokens.end()
    return { condition, mentions: tokens.mentions }
  })
}

export const parseCondition = parserOf('ConditionExpression')
export const parseFilter = parserOf('FilterExpression')
export const parseKeyCondition = parserOf('KeyConditionExpression')

class ConditionParser {
  readonly #tokens: ExpressionTokens
  readonly #inParentheses = new Set<Condition>()

  constructor(tokens: ExpressionTokens) {
    this.#tokens = tokens
  }

  either(): Condition {
    let left = this.#both()
    while (this.#tokens.takes('OR')) left = { kind: 'or', left, right: this.#both() }
    return left
  }

  #both(): Condition {
    let left = this.#one()
    while (this.#tokens.takes('AND')) left = { kind: 'and', left, right: this.#one() }
    return left
  }

  #one(): Condition {
    const tokens = this.#tokens
    if (tokens.takes('(')) return this.#parenthesised()
    if (tokens.takes('attribute_exists')) return { kind: 'exists', path: this.#argument() }
    if (tokens.takes('attribute_not_exists')) return { kind: 'absent', path: this.#argument() }
    if (tokens.takes('begins_with')) return this.#begins()
    return this.#comparison()
  }

  #parenthesised(): Condition {
    const inner = this.either()
    this.#tokens.expect(')')
    if (this.#inParentheses.has(inner)) throw this.#tokens.invalid('The expression has redundant parentheses;')
    this.#inParentheses.add(inner)
    return inner
  }

  #argument(): Path {
    this.#tokens.expect('(')
    const path = this.#tokens.path()
    this.#tokens.expect(')')
    return path
  }

  #begins(): Condition {
    const tokens = this.#tokens
    tokens.expect('(')
    const text = this.#operand()
    tokens.expect(',')
    const prefix = this.#operand()
    tokens.expect(')')
    return { kind: 'begins', text, prefix }
  }

  #comparison(): Condition {
    const tokens = this.#tokens
    const left = this.#operand()
    if (tokens.takes('BETWEEN')) {
      const from = this.#operand()
      tokens.expect('AND')
      return { kind: 'between', middle: left, from, to: this.#operand() }
    }
    if (!COMPARATORS.has(tokens.next ?? '')) throw tokens.unexpected()
    return { kind: 'compare', left, comparator: tokens.take() as Comparator, right: this.#operand() }
  }

  #operand(): Operand {
    return this.#tokens.next?.startsWith(':') ? { value: this.#tokens.value() } : { path: this.#tokens.path() }
  }
}
