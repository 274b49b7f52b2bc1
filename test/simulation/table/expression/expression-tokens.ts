import { Unsupported, ValidationException } from '../service-errors.ts'

/** A path to an attribute, as the tokens of its names: `#claim.#seen`. */
export type Path = readonly string[]

/** What an expression mentions of the request's names and values. */
export interface Mentions {
  names: Set<string>
  values: Set<string>
}

export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression'

const TOKEN = /\s*([#:]\w+|\w+|<=|>=|<>|[=<>(),.+-])/y

/** Reads an expression token by token. Names stand in it as `#name` only, as the product writes them all. */
export class ExpressionTokens {
  readonly mentions: Mentions = { names: new Set(), values: new Set() }
  readonly #kind: ExpressionKind
  readonly #tokens: string[] = []
  #at = 0

  /** Raises ValidationException for text that is empty or has other characters than expressions do. */
  constructor(kind: ExpressionKind, text: string) {
    this.#kind = kind
    const trimmed = text.trim()
    if (trimmed === '') throw this.invalid('The expression can not be empty;')
    TOKEN.lastIndex = 0
    while (TOKEN.lastIndex < trimmed.length) {
      const token = TOKEN.exec(trimmed)?.[1]
      if (token === undefined) throw this.invalid('Syntax error;')
      this.#tokens.push(token)
    }
  }

  get next(): string | undefined {
    return this.#tokens[this.#at]
  }

  /** Whether the next token is this one, which is then taken. */
  takes(token: string): boolean {
    if (this.next !== token) return false
    this.#at += 1
    return true
  }

  take(): string {
    const token = this.next
    if (token === undefined) throw this.invalid('Syntax error; token: <EOF>')
    this.#at += 1
    return token
  }

  expect(token: string): void {
    if (!this.takes(token)) throw this.unexpected()
  }

  path(): Path {
    const path = [this.#name()]
    while (this.takes('.')) path.push(this.#name())
    return path
  }

  /** The token of a value, `:value`. */
  value(): string {
    const token = this.take()
    if (!token.startsWith(':')) throw this.unexpected()
    this.mentions.values.add(token)
    return token
  }

  /** Several of a thing, separated by commas. */
  list<T>(one: () => T): T[] {
    const all = [one()]
    while (this.takes(',')) all.push(one())
    return all
  }

  end(): void {
    if (this.next !== undefined) throw this.unexpected()
  }

  invalid(what: string): ValidationException {
    return new ValidationException(`Invalid ${this.#kind}: ${what}`)
  }

  /** What stands where something else should: an error of the expression, or what only DynamoDB knows. */
  unexpected(): Error {
    const token = this.next ?? '<EOF>'
    if (/^\w/.test(token)) return new Unsupported(`${token} there in a ${this.#kind}`)
    return this.invalid(`Syntax error; token: ${token}`)
  }

  #name(): string {
    const token = this.next
    if (!token?.startsWith('#')) throw this.unexpected()
    this.#at += 1
    this.mentions.names.add(token)
    return token
  }
}

/** A function that parses each text once. */
export function memoised<T>(parse: (text: string) => T): (text: string) => T {
  const parsed = new Map<string, T>()
  return (text) => {
    const known = parsed.get(text)
    if (known !== undefined) return known
    const made = parse(text)
    parsed.set(text, made)
    return made
  }
}
