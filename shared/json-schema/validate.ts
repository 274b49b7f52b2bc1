import { isRecord } from '#shared/json.ts'
import type { Keyword, Site } from './check.ts'
import { combiningKeywords } from './combining-keywords.ts'
import type { Fault } from './fault.ts'
import { type Apply, nestedKeywords } from './nested-keywords.ts'
import { PLAIN_KEYWORDS } from './plain-keywords.ts'
import { shown } from './shown.ts'
import { Walk } from './walk.ts'

const apply: Apply = (site, schema, value, step) => {
  // Of a member that no schema allows, Python's jsonschema tells no path.
  const path = step === undefined || schema === false ? site.path : [...site.path, step]
  return check({ ...site, path, depth: site.depth + 1, value, keyword: null, schema: {} }, schema)
}

const KEYWORDS: Record<string, Keyword> = {
  ...PLAIN_KEYWORDS,
  ...nestedKeywords(apply),
  ...combiningKeywords(apply),
}

/**
 * Everything that is wrong with a value by a JSON schema (draft 2020-12, as Prefect reads it: formats are notes, and
 * nothing is fetched). `unevaluatedItems` and `unevaluatedProperties` are not looked at. Raises SchemaError.
 */
export function faultsOf(value: unknown, schema: unknown): Fault[] {
  return check({ walk: new Walk(schema), depth: 0, schema: {}, value, path: [], brief: false, keyword: null }, schema)
}

/** What is wrong with a schema by the schema of schemas, which has formats that count. Raises SchemaError. */
export function schemaFaultsOf(schema: unknown, metaSchema: unknown): Fault[] {
  const walk = new Walk(metaSchema, true)
  return check({ walk, depth: 0, schema: {}, value: schema, path: [], brief: true, keyword: null }, metaSchema)
}

function check(site: Site, schema: unknown): Fault[] {
  site.walk.enter(site.depth)
  if (schema === false) {
    const { path, value } = site
    return [
      { path, keyword: null, typed: false, message: () => `False schema does not allow ${shown(value)}`, context: [] },
    ]
  }
  if (!isRecord(schema)) return []
  const faults: Fault[] = []
  const keywords = Object.keys(schema)
  site.walk.spend(keywords.length / 10)
  for (const keyword of keywords) {
    if (!Object.hasOwn(KEYWORDS, keyword)) continue
    for (const fault of KEYWORDS[keyword]?.(schema[keyword], { ...site, schema, keyword }) ?? []) faults.push(fault)
    if (site.brief && faults.length > 0) break
  }
  return faults
}
