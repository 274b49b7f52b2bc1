import type { Bug } from './bug.ts'

const OPPOSITES: Record<string, string> = { '=': '<>', '>=': '<', '<=': '>' }

/** A bug by which a write has lost one condition; what stands around it, where its text is more than once in the file. */
export function withoutCondition(
  bug: Omit<Bug, 'right' | 'wrong'> & { condition: string; before?: string; after?: string },
): Bug {
  const { condition, before = '', after = '', ...rest } = bug
  return {
    ...rest,
    right: `${before}${condition}${after}`,
    wrong: `${before}(${condition} OR ${oppositeOf(condition)})${after}`,
  }
}

/** What holds where a condition does not. It has the same names and values, none of which may be left over. */
function oppositeOf(condition: string): string {
  if (condition.startsWith('attribute_not_exists')) return condition.replace('attribute_not_exists', 'attribute_exists')
  if (condition.startsWith('attribute_exists')) return condition.replace('attribute_exists', 'attribute_not_exists')
  const [name, comparator = '', value] = condition.split(' ')
  const opposite = OPPOSITES[comparator]
  if (opposite === undefined) throw new TypeError(`no opposite of ${condition}`)
  return `${name} ${opposite} ${value}`
}
