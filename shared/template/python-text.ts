import { isRecord } from '#shared/json/is-record.ts'
import { isNumber, type WrittenNumber } from '#shared/json/written-number.ts'

/** Characters that Python writes as escapes: the backslash, and all that is neither visible nor a plain space. */
const ESCAPED = /\\|(?! )[\p{C}\p{Z}]/gu
const SHORT_ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** JSON as Python's `str` writes it, which is what Prefect puts where a placeholder stands in other text. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value)
}

/** JSON as Python's `repr` writes it, which is how Prefect's error messages show values. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (isNumber(value)) return pythonNumber(value)
  if (!isRecord(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${quoted(name)}: ${pythonRepr(member)}`)
  return `{${members.join(', ')}}`
}

/** Without a point or an exponent it is an int to Python, and a float otherwise, whose shortest form this is. */
function pythonNumber(value: number | WrittenNumber): string {
  const text = String(value)
  if (!/[.e]/i.test(text)) return text === '-0' ? '0' : text
  const number = Number(text)
  if (!Number.isFinite(number)) return number > 0 ? 'inf' : '-inf'
  const [mantissa = '', power = '0'] = number.toExponential().split('e')
  const exponent = Number(power)
  if (exponent < FLOAT_EXPONENT.min || exponent > FLOAT_EXPONENT.max)
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  if (!Number.isInteger(number)) return String(number)
  return `${Object.is(number, -0) ? '-0' : number}.0`
}

/** Between these Python's floats have no exponent (`repr`'s format is `r`: https://docs.python.org/3/library/stdtypes.html). */
const FLOAT_EXPONENT = { min: -4, max: 15 }

/** Python prefers single quotes, unless that would take escapes which double quotes save. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll(ESCAPED, escapeOf)
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return SHORT_ESCAPES[character] ?? `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
