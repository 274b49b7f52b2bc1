import { nestingOf } from './nesting-of.ts'
import { WrittenNumber } from './written-number.ts'

/**
 * What may be a number that JavaScript would write otherwise, also within texts: 16 digits or more, an exponent, a
 * fraction that ends in 0 or begins with six of them, or a zero with a sign. A reviver takes several times as long as
 * parsing, and few texts need one. Only what follows a colon, a comma, a bracket or white space begins a number.
 */
const UNUSUAL = /(?:^|[[:,\s])(?:-?(?:[\d.]{16,}|\d+(?:\.\d+)?[eE]|\d+\.\d*0(?=[,\]}\s]|$)|0\.0{6})|-0(?![.\d]))/
/** What texts hold; many a line of a log has a number in it. In two steps, as one pattern would need a stack. */
const ESCAPES = /\\[^]/g
const TEXTS = /"[^"]*"/g

/**
 * Python, which most readers of what is stored here are written in, refuses to read integers of more digits than this
 * (`sys.get_int_max_str_digits`): one of them would make a whole answer unreadable.
 */
const NUMBER_CHARS_MAX = 4_300

/** A text of JSON, read in two ways; one and the same value where the text has nothing that they differ in. */
export interface ReadJson {
  /** With JavaScript's numbers. */
  plain: unknown
  /** With every number as it was written: as JavaScript's where that is written the same, or else as a WrittenNumber. */
  exact: unknown
}

/** JSON with every number as it was written. Raises what `readJson` raises. */
export function parseJson(text: string, levelsMax?: number): unknown {
  return readJson(text, levelsMax).exact
}

/**
 * Raises SyntaxError for what is no JSON, and RangeError for what is nested too deep or has a number of more than 4,300
 * digits.
 */
export function readJson(text: string, levelsMax = Infinity): ReadJson {
  const plain: unknown = JSON.parse(text)
  // Before the reviver, which recurses.
  if (levelsMax < Infinity && nestingOf(plain, levelsMax) > levelsMax)
    throw new RangeError(`is nested deeper than ${levelsMax} levels`)
  const unusual = UNUSUAL.test(text) && UNUSUAL.test(text.replace(ESCAPES, '').replace(TEXTS, ''))
  return { plain, exact: unusual ? JSON.parse(text, keepWritten) : plain }
}

function keepWritten(_name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number') return value
  const source = context?.source ?? String(value)
  if (String(value) === source) return value
  if (source.length - (value < 0 ? 1 : 0) > NUMBER_CHARS_MAX)
    throw new RangeError(`has a number of more than ${NUMBER_CHARS_MAX.toLocaleString('en')} digits`)
  return new WrittenNumber(source)
}
