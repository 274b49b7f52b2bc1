/** `rawJSON` makes a value that `stringify` writes as this text (ECMAScript's JSON.parse source text access). */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => object }

/**
 * A number of JSON that JavaScript's own would write otherwise: `1.0`, `-0`, `9007199254740993`, `1e400`. Programs tell
 * these apart (Python reads `1.0` as a float and `1` as an int, of any size), so JSON that people store keeps them. It is
 * written as it was read, and counts as its nearest number where one is needed.
 */
export class WrittenNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): object {
    return rawJSON(this.text)
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
