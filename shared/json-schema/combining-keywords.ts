import { type Keyword, type Site, violationAt } from './check.ts'
import type { Apply } from './nested-keywords.ts'
import { shown, shownList } from './shown.ts'
import type { Violation } from './violation.ts'

/** Keywords that put schemas together, with the words of Python's jsonschema. */
export function combiningKeywords(apply: Apply): Record<string, Keyword> {
  /** The violations of one alternative, from here on. */
  const tried = (site: Site, schema: unknown): Violation[] => apply({ ...site, path: [] }, schema, site.value)
  const fits = (site: Site, schema: unknown) => tried({ ...site, brief: true }, schema).length === 0
  const follow: Keyword = (rule, site) =>
    typeof rule === 'string' ? apply(site, site.walk.follow(rule), site.value) : []
  const noneFits = (site: Site, context: readonly Violation[]) =>
    violationAt(site, () => `${shown(site.value)} is not valid under any of the given schemas`, context)
  return {
    $ref: follow,
    $dynamicRef: follow,
    allOf: (rule, site) => asList(rule).flatMap((schema) => apply(site, schema, site.value)),
    anyOf: (rule, site) => {
      const context: Violation[] = []
      for (const schema of asList(rule)) {
        const violations = tried(site, schema)
        if (violations.length === 0) return []
        context.push(...violations)
      }
      return [noneFits(site, context)]
    },
    oneOf: (rule, site) => {
      const schemas = asList(rule)
      const context: Violation[] = []
      for (const [at, schema] of schemas.entries()) {
        const violations = tried(site, schema)
        context.push(...violations)
        if (violations.length > 0) continue
        const others = schemas.slice(at + 1).filter((other) => fits(site, other))
        if (others.length === 0) return []
        return [
          violationAt(site, () => `${shown(site.value)} is valid under each of ${shownList([...others, schema])}`),
        ]
      }
      return [noneFits(site, context)]
    },
    not: (rule, site) => {
      if (!fits(site, rule)) return []
      return [violationAt(site, () => `${shown(site.value)} should not be valid under ${shown(rule)}`)]
    },
    if: (rule, site) => {
      const branch = fits(site, rule) ? site.schema.then : site.schema.else
      return branch === undefined ? [] : apply(site, branch, site.value)
    },
  }
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
