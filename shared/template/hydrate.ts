import { JSON_DEPTH_MAX } from '#shared/bounds.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import { isIllFormed, pathsOf } from '#shared/json/paths-of.ts'

type Json = Record<string, unknown>

/** Raised where a placeholder value can't be resolved; the message is Prefect's. */
export class HydrationError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'HydrationError'
  }
}

/** Finds a variable's value; undefined when there is none. */
export type FindVariable = (name: string) => { value: unknown } | undefined

const KIND = '__prefect_kind'
/** What is taken out of the object or list that it is in. */
const REMOVED = Symbol('removed')

/** The names of variables in placeholder values; empty, at little cost, when there are none. */
export function hydratedVariables(parameters: Json): Set<string> {
  const names = new Set<string>()
  if (!hasKinds(parameters)) return names
  hydrate(parameters, (name) => {
    names.add(name)
    return { value: null }
  })
  return names
}

/** Whether a piece of JSON has placeholder values. */
function hasKinds(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasKinds)
  return isRecord(value) && (Object.hasOwn(value, KIND) || Object.values(value).some(hasKinds))
}

/**
 * Resolves placeholder values: `{"__prefect_kind": "json", "value": "[1]"}` by the JSON in the text, and
 * `{"__prefect_kind": "workspace_variable", "variable_name": "x"}` by the variable's value (Prefect's
 * utilities/schema_tools/hydration.py). Jinja templates are no part of this service, so text that needs rendering is
 * refused. Raises HydrationError.
 */
export function hydrate(parameters: Json, find: FindVariable): Json {
  const result = hydrateValue(parameters, find)
  if (result === REMOVED) return {}
  if (!isRecord(result)) throw new HydrationError('The parameters do not resolve to an object.')
  return result
}

function hydrateValue(value: unknown, find: FindVariable): unknown {
  if (Array.isArray(value)) return value.map((item) => hydrateValue(item, find)).filter((item) => item !== REMOVED)
  if (!isRecord(value)) return value
  if (Object.hasOwn(value, KIND)) return replace(value, find)
  const members = Object.entries(value).map(([name, member]) => [name, hydrateValue(member, find)] as const)
  return Object.fromEntries(members.filter(([, member]) => member !== REMOVED))
}

function replace(value: Json, find: FindVariable): unknown {
  switch (value[KIND]) {
    case 'none':
      return hydrateValue(need(value, 'value'), find)
    case 'json':
      return Object.hasOwn(value, 'value') ? parse(inner(value.value, find)) : REMOVED
    case 'jinja':
      return plainText(inner(need(value, 'template'), find))
    case 'workspace_variable':
      return Object.hasOwn(value, 'variable_name') ? variable(inner(value.variable_name, find), find) : REMOVED
    default:
      return value.value ?? null
  }
}

function need(value: Json, name: string): unknown {
  if (!Object.hasOwn(value, name)) throw new HydrationError(`Missing '${name}' key in __prefect object`)
  return value[name]
}

/** A placeholder's value may itself be a placeholder. */
function inner(value: unknown, find: FindVariable): unknown {
  return isRecord(value) ? hydrateValue(value, find) : value
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string') return text
  try {
    const json = parseJson(text, JSON_DEPTH_MAX)
    if (pathsOf(json, isIllFormed).length > 0) throw new RangeError('has half of a surrogate pair')
    return json
  } catch (error) {
    throw new HydrationError(error instanceof RangeError ? `Invalid JSON: it ${error.message}` : 'Invalid JSON')
  }
}

function plainText(template: unknown): unknown {
  if (typeof template !== 'string' || !/\{[{%#]/.test(template)) return template
  throw new HydrationError('Invalid jinja: templates are not rendered here; give the value itself')
}

function variable(name: unknown, find: FindVariable): unknown {
  const found = typeof name === 'string' ? find(name) : undefined
  if (!found) throw new HydrationError(`Variable '${String(name)}' not found in workspace.`)
  return found.value
}
