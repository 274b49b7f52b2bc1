import type { Bug } from './bug.ts'
import { BUGS_OF_DELETIONS } from './bugs-of-deletions.ts'
import { BUGS_OF_DISPATCH } from './bugs-of-dispatch.ts'
import { BUGS_OF_LIMITS } from './bugs-of-limits.ts'
import { BUGS_OF_RULES } from './bugs-of-rules.ts'
import { BUGS_OF_TASKS } from './bugs-of-tasks.ts'
import { BUGS_OF_WRITES } from './bugs-of-writes.ts'

export const BUGS: readonly Bug[] = [
  ...BUGS_OF_WRITES,
  ...BUGS_OF_LIMITS,
  ...BUGS_OF_DELETIONS,
  ...BUGS_OF_DISPATCH,
  ...BUGS_OF_TASKS,
  ...BUGS_OF_RULES,
]

/** The bug of that name; throws when there is none. */
export function bugNamed(name: string): Bug {
  const bug = BUGS.find((each) => each.name === name)
  if (!bug) throw new Error(`The bank has no bug of the name '${name}'.`)
  return bug
}
