import { isRecord } from '#shared/json/is-record.ts'
import type { Keyword, Site } from './check.ts'
import { combiningKeywords } from './combining-keywords.ts'
import { type Apply, nestedKeywords } from './nested-keywords.ts'
import { PLAIN_KEYWORDS } from './plain-keywords.ts'
import { shown } from './shown.ts'
import type { Violation } from './violation.ts'
import { Walk } from './walk.ts'

const apply: Apply = (site, schema, value, step) => {
  // Python's jsonschema gives no path for a member that no schema allows.
  const path = step === undefined || schema === false ? site.path : [...site.path, step]
  return check({ ...site, path, depth: site.depth + 1, value, keyword: null, schema: {} }, schema)
}

const KEYWORDS: Record<string, Keyword> = {
  ...PLAIN_KEYWORDS,
  ...nestedKeywords(apply),
  ...combiningKeywords(apply),
}

/**
 * All violations of a JSON schema by a value (draft 2020-12, as Prefect reads it: formats are notes, and nothing is
 * fetched). `unevaluatedItems` and `unevaluatedProperties` are not looked at. Raises SchemaError.
 */
export function violationsOf(value: unknown, schema: unknown): Violation[] {
  return check({ walk: new Walk(schema), depth: 0, schema: {}, value, path: [], brief: false, keyword: null }, schema)
}

/** The violations of a schema by its meta-schema, which enforces formats. Raises SchemaError. */
export function schemaViolationsOf(schema: unknown, metaSchema: unknown): Violation[] {
  const walk = new Walk(metaSchema, true)
  return check({ walk, depth: 0, schema: {}, value: schema, path: [], brief: true, keyword: null }, metaSchema)
}

function check(site: Site, schema: unknown): Violation[] {
  site.walk.enter(site.depth)
  if (schema === false) {
    const { path, value } = site
    return [
      { path, keyword: null, typed: false, message: () => `False schema does not allow ${shown(value)}`, context: [] },
    ]
  }
  if (!isRecord(schema)) return []
  const violations: Violation[] = []
  const keywords = Object.keys(schema)
  site.walk.spend(keywords.length / 10)
  for (const keyword of keywords) {
    if (!Object.hasOwn(KEYWORDS, keyword)) continue
    for (const violation of KEYWORDS[keyword]?.(schema[keyword], { ...site, schema, keyword }) ?? [])
      violations.push(violation)
    if (site.brief && violations.length > 0) break
  }
  return violations
}
