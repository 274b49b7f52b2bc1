import { isRecord } from '#shared/json/is-record.ts'
import { type Keyword, type Site, violationAt } from './check.ts'
import { shown, shownList } from './shown.ts'
import type { Violation } from './violation.ts'

type Json = Record<string, unknown>

/** Applies a schema to a part of a site's value, or to the value itself. */
export type Apply = (site: Site, schema: unknown, value: unknown, step?: string | number) => Violation[]

/** Keywords that look into objects and lists, with the words of Python's jsonschema. */
export function nestedKeywords(apply: Apply): Record<string, Keyword> {
  return {
    properties: onObject((rule, value, site) => {
      const names = isRecord(rule) ? Object.keys(rule) : []
      site.walk.spend(names.length / 10)
      const present = names.filter((name) => Object.hasOwn(value, name))
      return present.flatMap((name) => apply(site, (rule as Json)[name], value[name], name))
    }),
    patternProperties: onObject((rule, value, site) => {
      const names = Object.keys(value)
      return Object.entries(asRecord(rule)).flatMap(([pattern, schema]) => {
        const matching = names.filter((name) => site.walk.matches(pattern, name))
        return matching.flatMap((name) => apply(site, schema, value[name], name))
      })
    }),
    additionalProperties: onObject((rule, value, site) => {
      const extras = extraNames(value, site)
      if (isRecord(rule)) return extras.flatMap((name) => apply(site, rule, value[name], name))
      return rule === false && extras.length > 0 ? [violationAt(site, () => extrasMessage(extras, site))] : []
    }),
    propertyNames: onObject((rule, value, site) => Object.keys(value).flatMap((name) => apply(site, rule, name))),
    required: onObject((rule, value, site) => {
      const names = asList(rule)
      site.walk.spend(names.length / 10)
      const missing = names.filter((name) => !Object.hasOwn(value, String(name)))
      return missing.map((name) => violationAt(site, () => `${shown(name)} is a required property`))
    }),
    dependentRequired: onObject((rule, value, site) => {
      const given = dependencies(rule, value, site)
      return given.flatMap(([name, needs]) => {
        site.walk.spend(asList(needs).length / 10)
        const missing = asList(needs).filter((need) => !Object.hasOwn(value, String(need)))
        return missing.map((need) => violationAt(site, () => `${shown(need)} is a dependency of ${shown(name)}`))
      })
    }),
    dependentSchemas: onObject((rule, value, site) => {
      const given = dependencies(rule, value, site)
      return given.flatMap(([, schema]) => apply(site, schema, value))
    }),
    prefixItems: onList((rule, value, site) => {
      const pairs = asList(rule).slice(0, value.length)
      return pairs.flatMap((schema, index) => apply(site, schema, value[index], index))
    }),
    items: onList((rule, value, site) => {
      const prefix = asList(site.schema.prefixItems).length
      const extra = value.length - prefix
      if (extra <= 0) return []
      if (rule !== false) return value.slice(prefix).flatMap((item, at) => apply(site, rule, item, prefix + at))
      const rest = extra === 1 ? value[prefix] : value.slice(prefix)
      const items = prefix === 1 ? 'item' : 'items'
      return [violationAt(site, () => `Expected at most ${prefix} ${items} but found ${extra} extra: ${shown(rest)}`)]
    }),
    contains: onList((rule, value, site) => {
      const matches = value.filter((item) => apply({ ...site, brief: true }, rule, item).length === 0).length
      const { minContains: least = 1, maxContains: most = value.length } = site.schema
      if (matches > Number(most))
        return [violationAt(site, () => `Too many items match the given schema (expected at most ${shown(most)})`)]
      if (matches >= Number(least)) return []
      const few = `Too few items match the given schema (expected at least ${shown(least)} but only ${matches} matched)`
      const none = () => `${shown(value)} does not contain items matching the given schema`
      return [violationAt(site, () => (matches === 0 ? none() : few))]
    }),
  }
}

function onObject(check: (rule: unknown, value: Json, site: Site) => Violation[]): Keyword {
  return (rule, site) => (isRecord(site.value) ? check(rule, site.value, site) : [])
}
function onList(check: (rule: unknown, value: readonly unknown[], site: Site) => Violation[]): Keyword {
  return (rule, site) => (Array.isArray(site.value) ? check(rule, site.value, site) : [])
}

/** What a rule says of members that are there. */
function dependencies(rule: unknown, value: Json, { walk }: Site): [name: string, needs: unknown][] {
  const all = Object.entries(asRecord(rule))
  walk.spend(all.length)
  return all.filter(([name]) => Object.hasOwn(value, name))
}

/** The members that neither `properties` nor `patternProperties` speak of. */
function extraNames(value: Json, { schema, walk }: Site): string[] {
  const known = asRecord(schema.properties)
  const patterns = Object.keys(asRecord(schema.patternProperties))
  return Object.keys(value).filter((name) => {
    walk.spend(0.1)
    return !Object.hasOwn(known, name) && !patterns.some((pattern) => walk.matches(pattern, name))
  })
}

function extrasMessage(extras: readonly string[], { schema }: Site): string {
  const names = shownList(extras.toSorted())
  if (!('patternProperties' in schema)) {
    return `Additional properties are not allowed (${names} ${extras.length === 1 ? 'was' : 'were'} unexpected)`
  }
  const patterns = shownList(Object.keys(asRecord(schema.patternProperties)).toSorted())
  return `${names} ${extras.length === 1 ? 'does' : 'do'} not match any of the regexes: ${patterns}`
}

function asRecord(value: unknown): Json {
  return isRecord(value) ? value : {}
}
function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
