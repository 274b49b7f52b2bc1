import { pythonRepr } from '#shared/template/python-text.ts'

/** Values of parameters may be large, and a message is for people. */
const CHARS_MAX = 1_000

/** A value as Python's jsonschema shows it in messages, cut short where it is long. */
export function shown(value: unknown): string {
  const text = pythonRepr(value)
  return text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}…` : text
}

/** Values in a row, with commas between. */
export function shownList(values: readonly unknown[]): string {
  return values.map(shown).join(', ')
}
