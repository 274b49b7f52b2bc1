import { isWhole } from '#shared/json/decimal.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { isNumber } from '#shared/json/written-number.ts'
import type { Violation } from './violation.ts'
import type { Walk } from './walk.ts'

/** A schema applied to a value. */
export interface Site {
  walk: Walk
  /** Schemas around this one. */
  depth: number
  schema: Record<string, unknown>
  value: unknown
  path: Violation['path']
  /** Stop at the first violation: the caller only needs to know whether the value conforms. */
  brief: boolean
  /** The current keyword. */
  keyword: string | null
}

/** What one keyword finds wrong; `rule` is what the schema holds under it. */
export type Keyword = (rule: unknown, site: Site) => Violation[]

/** A violation at a site. */
export function violationAt(site: Site, message: () => string, context: readonly Violation[] = []): Violation {
  const { schema, value, path, keyword } = site
  return { path, keyword, typed: hasTypeOf(schema, value), message, context }
}

function hasTypeOf({ type }: Record<string, unknown>, value: unknown): boolean {
  return type !== undefined && typesOf(type).some((name) => isOfType(value, name))
}

/** The types that the keyword `type` allows, which may be one or a list. */
export function typesOf(type: unknown): unknown[] {
  return Array.isArray(type) ? type : [type]
}

/** The types of JSON schema. A number without a fraction is an integer however it was written. */
export function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'object':
      return isRecord(value)
    case 'array':
      return Array.isArray(value)
    case 'string':
    case 'boolean':
      return typeof value === type
    case 'number':
      return isNumber(value)
    case 'integer':
      return isNumber(value) && isWhole(value)
    case 'null':
      return value === null
    default:
      return false
  }
}
