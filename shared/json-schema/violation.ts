/** One way in which a value breaks a schema. */
export interface Violation {
  /** Where, from the value that was checked; within `context`, from where the violation around it is. */
  path: readonly (string | number)[]
  /** The keyword that was broken; null for a schema that is `false`. */
  keyword: string | null
  /** Whether the value has at least the type that the schema requires. */
  typed: boolean
  /** In the words of Python's jsonschema, which Prefect's users know; built on demand. */
  message: () => string
  /** The violations of each alternative of `anyOf` and `oneOf`. */
  context: readonly Violation[]
}

/** Keywords that say little by themselves: others at the same place are preferred. */
const WEAK: ReadonlySet<unknown> = new Set(['anyOf', 'oneOf'])

/**
 * The violation to report of many: the one nearest to the top, and of alternatives the deepest (the rules of Python's
 * jsonschema.exceptions.best_match, so that the same one is reported).
 */
export function bestViolation(violations: readonly Violation[]): Violation | undefined {
  let best = violations[0]
  for (const violation of violations) if (best && compare(violation, best) > 0) best = violation
  while (best && best.context.length > 0) {
    const [first, second] = best.context.toSorted(compare)
    if (!first || (second && compare(first, second) === 0)) return best
    best = { ...first, path: [...best.path, ...first.path] }
  }
  return best
}

/** Above zero when `a` is the more relevant one. */
function compare(a: Violation, b: Violation): number {
  return (
    b.path.length - a.path.length ||
    comparePaths(a.path, b.path) ||
    Number(!WEAK.has(a.keyword)) - Number(!WEAK.has(b.keyword)) ||
    Number(b.typed) - Number(a.typed)
  )
}

function comparePaths(a: Violation['path'], b: Violation['path']): number {
  const at = a.findIndex((step, index) => step !== b[index])
  const [left, right] = [a[at], b[at]]
  return left === undefined || right === undefined ? 0 : left < right ? -1 : 1
}

const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

/** A path as `$.a[0]['b c']`. */
export function jsonPath(path: Violation['path']): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`
    return PLAIN_NAME.test(step) ? `.${step}` : `['${step.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`
  })
  return `$${steps.join('')}`
}
