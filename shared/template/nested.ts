import { JSON_DEPTH_MAX } from '#shared/bounds.ts'
import { isRecord } from '#shared/json/is-record.ts'

type Json = Record<string, unknown>

/** Raised where a template or its values conflict; the message is for its author. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TemplateError'
  }
}

/** Characters that one template's placeholders may expand to; far above anything that ECS takes. */
const FILLED_CHARS_MAX = 1_000_000

/**
 * Bounds a template's expansion. A few short placeholders may repeat large values until a process runs out of memory.
 */
export class Bounds {
  #left = FILLED_CHARS_MAX
  /** Raises TemplateError when this is more than is left. */
  spend(chars: number): void {
    this.#left -= chars
    if (this.#left >= 0) return
    const most = FILLED_CHARS_MAX.toLocaleString('en')
    throw new TemplateError(`The job's placeholders expand to more than ${most} characters.`)
  }
  /** Spends what a value takes as JSON, and returns it. */
  spendOn<T>(value: T): T {
    this.spend((JSON.stringify(value) ?? '').length)
    return value
  }
}

/** `a.b[0].c` as its steps (Prefect's get_from_dict). */
function stepsOf(path: string): string[] {
  return path.replaceAll('[', '.').replaceAll(']', '').split('.')
}

const INDEX = /^[+-]?\d+$/

/**
 * The value at a path in JSON; undefined where nothing is. Python's rules: texts have indexes, too, and -1 is the last.
 * Raises TemplateError past the bounds.
 */
export function valueAt(json: unknown, path: string, bounds: Bounds): unknown {
  let value = json
  for (const step of stepsOf(path)) {
    if (isRecord(value)) value = Object.hasOwn(value, step) ? value[step] : undefined
    else if (INDEX.test(step) && Array.isArray(value)) value = value.at(Number(step))
    else if (INDEX.test(step) && typeof value === 'string') value = characterAt(value, Number(step), bounds)
    else return undefined
  }
  return value
}

function characterAt(text: string, index: number, bounds: Bounds): string | undefined {
  bounds.spend(text.length)
  return Array.from(text).at(index)
}

/**
 * The values with `env.NAME` and the like made into members of members. Where both forms are given they are merged, and
 * the nested one wins (Prefect's from_template_and_values). Raises TemplateError.
 */
export function nestDotted(values: Json): Json {
  const tree: Tree = new Map()
  for (const [name, value] of Object.entries(values)) if (name.includes('.')) setAt(tree, name, value)
  const nested = recordOf(tree)
  const plain = Object.entries(values).filter(([name]) => !name.includes('.'))
  const merged = plain.map(([name, value]) => {
    const before = Object.hasOwn(nested, name) ? nested[name] : undefined
    return [name, isRecord(before) && isRecord(value) ? deepMerge(before, value) : value]
  })
  return { ...nested, ...Object.fromEntries(merged) }
}

/** A record in the making: there may be thousands of members, and in a map `__proto__` is one like any other. */
type Tree = Map<string, unknown>

function setAt(tree: Tree, name: string, value: unknown): void {
  const steps = stepsOf(name)
  if (steps.length > JSON_DEPTH_MAX) {
    throw new TemplateError(`A job variable's name is nested deeper than ${JSON_DEPTH_MAX} levels.`)
  }
  let at = tree
  for (const step of steps.slice(0, -1)) {
    const there = at.has(step) ? at.get(step) : new Map()
    const inner: unknown = isRecord(there) && !(there instanceof Map) ? new Map(Object.entries(there)) : there
    if (!(inner instanceof Map)) throw new TemplateError(`The job variable '${name}' conflicts with another one.`)
    at.set(step, inner)
    at = inner as Tree
  }
  at.set(steps.at(-1) ?? '', value)
}

function recordOf(tree: Tree): Json {
  return Object.fromEntries([...tree].map(([step, value]) => [step, value instanceof Map ? recordOf(value) : value]))
}

function deepMerge(under: Json, over: Json): Json {
  const merged = Object.entries(over).map(([name, value]) => {
    const before = Object.hasOwn(under, name) ? under[name] : undefined
    return [name, isRecord(before) && isRecord(value) ? deepMerge(before, value) : value]
  })
  return { ...under, ...Object.fromEntries(merged) }
}
