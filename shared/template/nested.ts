import { isRecord } from '../json.ts'

type Json = Record<string, unknown>

/** Raised where a template, or what it is filled with, contradicts itself; the message says so to its author. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TemplateError'
  }
}

/** `a.b[0].c` as its steps (Prefect's get_from_dict). */
function stepsOf(path: string): string[] {
  return path.replaceAll('[', '.').replaceAll(']', '').split('.')
}

const INDEX = /^[+-]?\d+$/

/** The value at a path in JSON; undefined where nothing is. Python's rules: texts have indexes, too, and -1 is the last. */
export function valueAt(json: unknown, path: string): unknown {
  let value = json
  for (const step of stepsOf(path)) {
    if (isRecord(value)) value = Object.hasOwn(value, step) ? value[step] : undefined
    else if (INDEX.test(step) && Array.isArray(value)) value = value.at(Number(step))
    else if (INDEX.test(step) && typeof value === 'string') value = Array.from(value).at(Number(step))
    else return undefined
  }
  return value
}

/**
 * The values with `env.NAME` and the like made into members of members. Where both forms are given they are merged, and
 * the nested one wins (Prefect's from_template_and_values). Raises TemplateError.
 */
export function nestDotted(values: Json): Json {
  let nested: Json = {}
  for (const [name, value] of Object.entries(values)) {
    if (name.includes('.')) nested = withValueAt(nested, stepsOf(name), value, name)
  }
  const plain = Object.entries(values).filter(([name]) => !name.includes('.'))
  const merged = plain.map(([name, value]) => {
    const before = Object.hasOwn(nested, name) ? nested[name] : undefined
    return [name, isRecord(before) && isRecord(value) ? deepMerge(before, value) : value]
  })
  return { ...nested, ...Object.fromEntries(merged) }
}

/** A copy of the record with a value set; computed keys, so that `__proto__` is a member like any other. */
function withValueAt(record: Json, [step = '', ...rest]: string[], value: unknown, name: string): Json {
  if (rest.length === 0) return { ...record, [step]: value }
  const inner = Object.hasOwn(record, step) ? record[step] : {}
  if (!isRecord(inner)) throw new TemplateError(`The job variable '${name}' is in the way of another one.`)
  return { ...record, [step]: withValueAt(inner, rest, value, name) }
}

function deepMerge(under: Json, over: Json): Json {
  const merged = Object.entries(over).map(([name, value]) => {
    const before = Object.hasOwn(under, name) ? under[name] : undefined
    return [name, isRecord(before) && isRecord(value) ? deepMerge(before, value) : value]
  })
  return { ...under, ...Object.fromEntries(merged) }
}
