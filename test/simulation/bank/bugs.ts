import type { Bug } from './bug.ts'
import { BUGS_OF_AGENTS } from './bugs-of-agents.ts'
import { BUGS_OF_ANSWERS } from './bugs-of-answers.ts'
import { BUGS_OF_COURSES } from './bugs-of-courses.ts'
import { BUGS_OF_DELETIONS } from './bugs-of-deletions.ts'
import { BUGS_OF_DISPATCH } from './bugs-of-dispatch.ts'
import { BUGS_OF_LIMITS } from './bugs-of-limits.ts'
import { BUGS_OF_RECORDS } from './bugs-of-records.ts'
import { BUGS_OF_RULES } from './bugs-of-rules.ts'
import { BUGS_OF_TASKS } from './bugs-of-tasks.ts'
import { BUGS_OF_WRITES } from './bugs-of-writes.ts'

/**
 * All bugs. Of the conditions of writes, these are left out, as others of the same write refuse whatever they would:
 * - of a claim the state and the generation, each alone: only a waiting run has a due time, and one that waits again has
 *   another; the revision, as nothing that a client's claim writes depends on what else was changed;
 * - of the last steps of a deletion that its thing is marked, which nothing takes back, and of all but its limit the life;
 * - of a change of queues their lives, and that another has taken a priority: the revision of the pool's queues is there;
 * - that a deployment's limit does not count yet: none begins to once it has opened;
 * - of a lost session that its lease is over: the index does not show it before.
 * How long ago a deployment was polled spares writes and is no condition of anything; task definitions are not in worlds.
 * Of the rules, that of old generations is left out: the rule of lost claims refuses them as well. What both go by is not.
 */
export const BUGS: readonly Bug[] = [
  ...BUGS_OF_WRITES,
  ...BUGS_OF_LIMITS,
  ...BUGS_OF_RECORDS,
  ...BUGS_OF_DELETIONS,
  ...BUGS_OF_DISPATCH,
  ...BUGS_OF_TASKS,
  ...BUGS_OF_RULES,
  ...BUGS_OF_COURSES,
  ...BUGS_OF_ANSWERS,
  ...BUGS_OF_AGENTS,
]

/** The bug of that name; throws when there is none. */
export function bugNamed(name: string): Bug {
  const bug = BUGS.find((each) => each.name === name)
  if (!bug) throw new Error(`The bank has no bug of the name '${name}'.`)
  return bug
}
