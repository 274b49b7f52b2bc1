/** `rawJSON` makes a value that `stringify` writes as this text (ECMAScript's JSON.parse source text access). */
const { rawJSON } = JSON as unknown as { rawJSON?: (text: string) => object }
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i

/**
 * A number of JSON that JavaScript's own would write otherwise: `1.0`, `-0`, `9007199254740993`, `1e400`. Programs tell
 * these apart (Python reads `1.0` as a float and `1` as an int, of any size), so JSON that people store keeps them. It is
 * written as it was read, and counts as its nearest number where one is needed.
 */
export class WrittenNumber {
  readonly text: string

  /** Throws SyntaxError for a text that is no number of JSON. */
  constructor(text: string) {
    if (!NUMBER.test(text)) throw new SyntaxError(`'${text.slice(0, 100)}' is not a number of JSON.`)
    this.text = text
  }

  /** In browsers that can't write a text as a number, the nearest one. */
  toJSON(): unknown {
    return rawJSON ? rawJSON(this.text) : this.valueOf()
  }

  toString(): string {
    return this.text
  }

  valueOf(): number {
    return Number(this.text)
  }
}

/** True for a number of JSON, however it is kept. */
export function isNumber(value: unknown): value is number | WrittenNumber {
  return typeof value === 'number' || value instanceof WrittenNumber
}

/** A number as JavaScript has it; anything else as it is. */
export function asNumber(value: unknown): unknown {
  return value instanceof WrittenNumber ? value.valueOf() : value
}
