import { isRecord } from '#shared/json/is-record.ts'
import { referredId } from './block-document.ts'

/** A template to be filled in where the block is used, and nothing else. */
const TEMPLATE = /^\s*\{\{[^{}]*\}\}\s*$/

/**
 * The fields, of those that a schema calls secret, in which a document holds a value of its own. What is empty or null,
 * a `{{ … }}` template and a reference to another document are no such values. Paths are those of the schema
 * (`password`, `child.token`, `headers.*`).
 */
export function filledSecrets(fields: Record<string, unknown>, data: Record<string, unknown>): string[] {
  const named = Array.isArray(fields.secret_fields) ? fields.secret_fields : []
  const paths = new Set(named.filter((path) => typeof path === 'string'))
  return [...paths].filter((path) => {
    const [first = '', ...rest] = path.split('.')
    return Object.hasOwn(data, first) && holdsValue(data[first], rest)
  })
}

/** Whether there is a value at the path. Prefect's paths leave out lists and the keys of dictionaries; these are searched. */
function holdsValue(value: unknown, path: readonly string[]): boolean {
  if (referredId(value) !== undefined) return false
  const [step, ...rest] = path
  if (step === undefined || (step === '*' && !isRecord(value))) return isFilled(value)
  if (Array.isArray(value)) return value.some((each) => holdsValue(each, path))
  if (!isRecord(value)) return false
  if (Object.hasOwn(value, step)) return holdsValue(value[step], rest)
  return Object.values(value).some((each) => holdsValue(each, step === '*' ? rest : path))
}

function isFilled(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false
  if (typeof value === 'string') return !TEMPLATE.test(value)
  if (typeof value !== 'object') return true
  return referredId(value) === undefined && Object.values(value).some(isFilled)
}
