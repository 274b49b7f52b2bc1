import { canonicalNumber } from '#shared/json/decimal.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { WrittenNumber } from '#shared/json/written-number.ts'
import { compilePattern, type Pattern, searchPattern } from '#shared/pattern/match-pattern.ts'
import { PatternError } from '#shared/pattern/parse-pattern.ts'
import { pythonRepr } from '#shared/template/python-text.ts'
import { SchemaError } from './schema-error.ts'

/** Schemas applied to values, and the like. A value of 512 kB with a schema for every item takes some 100,000. */
const STEPS_MAX = 1_000_000
/** Schemas within schemas. A value is at most 64 levels deep, and each may take a handful of schemas. */
const DEPTH_MAX = 400

/** One check of a value against a schema: what it may still cost, and where references lead. */
export class Walk {
  readonly #root: unknown
  readonly #targets = new Map<string, unknown>()
  readonly #texts = new WeakMap<object, string>()
  readonly #choices = new WeakMap<readonly unknown[], ReadonlySet<string>>()
  readonly #patterns = new Map<string, Pattern | PatternError['kind']>()
  #stepsLeft = STEPS_MAX

  readonly checksFormats: boolean

  constructor(root: unknown, checksFormats = false) {
    this.#root = root
    this.checksFormats = checksFormats
  }

  /** Counts work. Raises SchemaError when it is too much. */
  spend(steps: number): void {
    this.#stepsLeft -= steps
    if (this.#stepsLeft < 0) throw new SchemaError('costly', 'Invalid schema: validation against it takes too long.')
  }

  /** Raises SchemaError where schemas have led each other in a circle. */
  enter(depth: number): void {
    this.spend(1)
    if (depth > DEPTH_MAX) throw new SchemaError('circular', CIRCULAR)
  }

  /** The schema that a reference leads to. Raises SchemaError for one that is not in the document. */
  follow(ref: string): unknown {
    if (this.#targets.has(ref)) return this.#targets.get(ref)
    const target = this.#lookUp(ref)
    this.#targets.set(ref, target)
    return target
  }

  #lookUp(ref: string): unknown {
    if (!ref.startsWith('#')) throw new SchemaError('unresolvable', `Unresolvable: ${ref}`)
    const pointer = decoded(ref.slice(1))
    if (pointer !== '' && !pointer.startsWith('/')) {
      throw new SchemaError('unresolvable', `NoSuchAnchor: ${pythonRepr(pointer)} does not exist`)
    }
    let at = this.#root
    for (const step of pointer.split('/').slice(1)) {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
      const inside = (isRecord(at) || Array.isArray(at)) && Object.hasOwn(at, name)
      if (!inside) throw new SchemaError('unresolvable', `PointerToNowhere: ${pythonRepr(pointer)} does not exist`)
      at = (at as Record<string, unknown>)[name]
    }
    return at
  }

  /**
   * Whether a text has a pattern in it. One that can't be looked for in bounded time, as it looks around or back,
   * counts as found. Raises SchemaError for an invalid pattern.
   */
  matches(source: string, text: string): boolean {
    const pattern = this.pattern(source)
    if (pattern === 'malformed')
      throw new SchemaError('invalid', `Invalid schema: ${pythonRepr(source)} is not a 'regex'`)
    this.spend(text.length / 50)
    return pattern === 'unknown' || searchPattern(pattern, text, (work) => this.spend(work / 10))
  }

  /** A compiled pattern, once for each source; or why it can't be compiled. */
  pattern(source: string): Pattern | PatternError['kind'] {
    const known = this.#patterns.get(source)
    const pattern = known ?? readPattern(source)
    this.#patterns.set(source, pattern)
    this.spend(known === undefined && typeof pattern === 'object' ? pattern.steps.length : 1)
    return pattern
  }

  /** Whether two pieces of JSON are the same, whatever the order of their members. */
  same(a: unknown, b: unknown): boolean {
    return this.textOf(a) === this.textOf(b)
  }

  /** Whether one of these pieces of JSON is the same as the value. They are read once, however many values there are. */
  isAmong(choices: readonly unknown[], value: unknown): boolean {
    let texts = this.#choices.get(choices)
    if (!texts) {
      this.spend(choices.length / 10)
      texts = new Set(choices.map((each) => this.textOf(each)))
      this.#choices.set(choices, texts)
    }
    return texts.has(this.textOf(value))
  }

  /** JSON with sorted members and one form for each number, computed once for each object. */
  textOf(value: unknown): string {
    if (typeof value === 'number') return canonicalNumber(value)
    if (typeof value === 'string') this.spend(value.length / 1_000)
    if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? ''
    const known = this.#texts.get(value)
    const text = known ?? this.#write(value)
    // A number costs the same however it is written.
    if (!(value instanceof WrittenNumber)) this.spend(1 + text.length / 1_000)
    if (known === undefined) this.#texts.set(value, text)
    return text
  }

  #write(value: object): string {
    if (value instanceof WrittenNumber) return canonicalNumber(value)
    if (Array.isArray(value)) return `[${value.map((item) => this.textOf(item)).join()}]`
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${this.textOf(member)}`).join()}}`
  }
}

/** Prefect's message for such schemas. */
const CIRCULAR = 'Invalid schema: Unable to validate schema with circular references.'

function readPattern(source: string): Pattern | PatternError['kind'] {
  try {
    return compilePattern(source)
  } catch (error) {
    if (error instanceof PatternError) return error.kind
    throw error
  }
}

function decoded(pointer: string): string {
  try {
    return decodeURIComponent(pointer)
  } catch {
    return pointer
  }
}
