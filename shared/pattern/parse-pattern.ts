/**
 * A parser of patterns in Python's `re` syntax, as far as they can be searched in linear time; see match-pattern.ts.
 */
export type PatternNode =
  | { kind: 'empty' }
  | { kind: 'one'; fits: (character: string) => boolean }
  | { kind: 'edge'; edge: Edge }
  | { kind: 'row' | 'choice'; parts: PatternNode[] }
  | { kind: 'repeat'; part: PatternNode; least: number; most: number }

/** A place in a text: its start or end, those of its lines, or where a word meets what is none. */
export type Edge = 'start' | 'end' | 'end_or_last_newline' | 'line_start' | 'line_end' | 'word' | 'no_word'

/** `malformed`: Python would not take it either. `unknown`: it needs more than can be done here in bounded time. */
export class PatternError extends Error {
  readonly kind: 'malformed' | 'unknown'
  constructor(kind: PatternError['kind']) {
    super(kind)
    this.kind = kind
  }
}

/** Groups within groups. */
const NESTING_MAX = 100
const REPEAT_MAX = 65_535

const WORD = /[\p{L}\p{N}_]/u
const KINDS: Record<string, (character: string) => boolean> = {
  d: (character) => /\p{Nd}/u.test(character),
  w: (character) => WORD.test(character),
  s: (character) => /\s/.test(character),
}
const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\u0007', 0: '\0' }
const HEX_DIGITS: Record<string, number> = { x: 2, u: 4, U: 8 }
const EDGES: Record<string, Edge> = { A: 'start', Z: 'end', b: 'word', B: 'no_word' }

/** True for a character that `\w` stands for; false beyond the ends of a text. */
export function isWord(character: string | undefined): boolean {
  return character !== undefined && WORD.test(character)
}

/** Reads a pattern. Raises PatternError. */
export function parsePattern(source: string): PatternNode {
  const flags = /^\(\?([ims]+)\)/.exec(source)
  const parser = new Parser(Array.from(flags ? source.slice(flags[0].length) : source), flags?.[1] ?? '')
  return parser.whole()
}

class Parser {
  readonly #text: readonly string[]
  readonly #flags: string
  #at = 0
  #nesting = 0

  constructor(text: readonly string[], flags: string) {
    this.#text = text
    this.#flags = flags
  }

  whole(): PatternNode {
    const node = this.#choice()
    if (this.#at < this.#text.length) throw new PatternError('malformed')
    return node
  }

  #next(): string {
    const character = this.#text[this.#at]
    if (character === undefined) throw new PatternError('malformed')
    this.#at += 1
    return character
  }

  #takes(expected: string): boolean {
    if (
      !this.#text
        .slice(this.#at, this.#at + expected.length)
        .join('')
        .startsWith(expected)
    )
      return false
    this.#at += expected.length
    return true
  }

  #choice(): PatternNode {
    const parts = [this.#row()]
    while (this.#takes('|')) parts.push(this.#row())
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'choice', parts }
  }

  #row(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')')
      parts.push(this.#repeated())
    return { kind: 'row', parts }
  }

  #repeated(): PatternNode {
    const part = this.#atom()
    const bounds = this.#bounds()
    if (!bounds) return part
    if (part.kind === 'edge') throw new PatternError('malformed')
    // A repetition that takes as little as it can finds the same texts; one that gives nothing back does not.
    if (!this.#takes('?') && this.#takes('+')) throw new PatternError('unknown')
    if (this.#bounds()) throw new PatternError('malformed')
    return { kind: 'repeat', part, ...bounds }
  }

  #bounds(): { least: number; most: number } | undefined {
    if (this.#takes('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
    if (this.#takes('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
    if (this.#takes('?')) return { least: 0, most: 1 }
    // Braces that hold no numbers are plain text.
    const braces = /^\{(\d*)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 20).join(''))
    if (!braces || (braces[1] === '' && braces[2] === '')) return undefined
    this.#at += braces[0].length
    const least = Number(braces[1])
    const most = braces[2] === '' ? least : braces[3] === '' ? Number.POSITIVE_INFINITY : Number(braces[3])
    if (least > most) throw new PatternError('malformed')
    if (Math.max(least, Number.isFinite(most) ? most : 0) > REPEAT_MAX) throw new PatternError('unknown')
    return { least, most }
  }

  #atom(): PatternNode {
    const character = this.#next()
    switch (character) {
      case '*':
      case '+':
      case '?':
        throw new PatternError('malformed')
      case '(':
        return this.#group()
      case '[':
        return { kind: 'one', fits: this.#set() }
      case '.':
        return { kind: 'one', fits: (one) => one !== '\n' || this.#flags.includes('s') }
      case '^':
        return { kind: 'edge', edge: this.#flags.includes('m') ? 'line_start' : 'start' }
      case '$':
        return { kind: 'edge', edge: this.#flags.includes('m') ? 'line_end' : 'end_or_last_newline' }
      case '\\':
        return this.#escape()
      default:
        return { kind: 'one', fits: this.#folded((one) => one === character) }
    }
  }

  #group(): PatternNode {
    this.#nesting += 1
    if (this.#nesting > NESTING_MAX) throw new PatternError('unknown')
    if (this.#takes('?')) this.#groupKind()
    const node = this.#choice()
    if (!this.#takes(')')) throw new PatternError('malformed')
    this.#nesting -= 1
    return node
  }

  /** Names mean nothing to a search; looking around and back can't be done in bounded time. */
  #groupKind(): void {
    if (this.#takes(':')) return
    const named = /^P?<([\p{L}_][\p{L}\p{N}_]*)>/u.exec(this.#text.slice(this.#at, this.#at + 200).join(''))
    if (!named) throw new PatternError('unknown')
    this.#at += Array.from(named[0]).length
  }

  #escape(): PatternNode {
    const edge = EDGES[this.#text[this.#at] ?? '']
    if (edge === undefined) return { kind: 'one', fits: this.#folded(this.#escaped()) }
    this.#at += 1
    return { kind: 'edge', edge }
  }

  /** What an escape stands for, in a set or outside. */
  #escaped(): (one: string) => boolean {
    const character = this.#next()
    const kind = KINDS[character.toLowerCase()]
    if (kind) return character === character.toLowerCase() ? kind : (one) => !kind(one)
    const literal = this.#literal(character)
    return (one) => one === literal
  }

  #literal(character: string): string {
    const digits = HEX_DIGITS[character]
    if (digits !== undefined) {
      const hex = this.#text.slice(this.#at, this.#at + digits).join('')
      if (!/^[0-9a-f]+$/i.test(hex) || hex.length < digits) throw new PatternError('malformed')
      this.#at += digits
      const code = Number.parseInt(hex, 16)
      if (code > 0x10ffff) throw new PatternError('malformed')
      return String.fromCodePoint(code)
    }
    const control = CONTROLS[character]
    if (control !== undefined) return control
    // Numbers refer to groups; letters that mean nothing to Python may mean something to others.
    if (/[A-Za-z0-9]/.test(character)) throw new PatternError('unknown')
    return character
  }

  #set(): (one: string) => boolean {
    const negated = this.#takes('^')
    const parts: ((one: string) => boolean)[] = []
    do parts.push(this.#setPart())
    while (!this.#takes(']'))
    const listed = this.#folded((one) => parts.some((fits) => fits(one)))
    return (one) => listed(one) !== negated
  }

  #setPart(): (one: string) => boolean {
    const start = this.#at
    const fits = this.#setItem()
    const from = this.#text.slice(start, this.#at).join('')
    const ranged = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']'
    if (!ranged) return fits
    if (/^\\[dwsDWS]$/.test(from)) throw new PatternError('malformed')
    this.#at += 1
    const low = this.#valueOf(start)
    const high = this.#valueOf(this.#at)
    if (low > high) throw new PatternError('malformed')
    return (one) => low <= (one.codePointAt(0) ?? 0) && (one.codePointAt(0) ?? 0) <= high
  }

  #setItem(): (one: string) => boolean {
    const character = this.#next()
    return character === '\\' ? this.#escaped() : (one) => one === character
  }

  /** The code of the single character that is written at a place; reading goes on after the later of the two. */
  #valueOf(start: number): number {
    const after = this.#at
    this.#at = start
    const character = this.#next()
    const literal = character === '\\' ? this.#literal(this.#next()) : character
    this.#at = Math.max(this.#at, after)
    return literal.codePointAt(0) ?? 0
  }

  #folded(fits: (one: string) => boolean): (one: string) => boolean {
    return this.#flags.includes('i') ? (one) => fits(one.toLowerCase()) || fits(one.toUpperCase()) : fits
  }
}
