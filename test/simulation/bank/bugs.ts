import type { Bug } from './bug.ts'
import { BUGS_OF_ANSWERS } from './bugs-of-answers.ts'
import { BUGS_OF_COURSES } from './bugs-of-courses.ts'
import { BUGS_OF_DELETIONS } from './bugs-of-deletions.ts'
import { BUGS_OF_DISPATCH } from './bugs-of-dispatch.ts'
import { BUGS_OF_LIMITS } from './bugs-of-limits.ts'
import { BUGS_OF_RULES } from './bugs-of-rules.ts'
import { BUGS_OF_TASKS } from './bugs-of-tasks.ts'
import { BUGS_OF_WRITES } from './bugs-of-writes.ts'

/**
 * All bugs. Of the conditions of writes, these are left out, since no behaviour shows that one is missing:
 * - of a claim the state and the generation, each alone: only a waiting run has a due time, and one that waits again has
 *   another; the revision, as nothing that a client's claim writes depends on what else was changed;
 * - of a release that its limit exists: one is missing only after a restore of half a backup;
 * - of a limit's settings that it is not being deleted: they die with it; the life of what it belongs to is checked beside;
 * - of a sign of life the run's life: no two claims have one id;
 * - that a deployment's limit exists, where slots are lent or a waiting pool is noted: it is never removed; that a first one
 *   does not, and that another does not count: the deployment's own revision is checked beside;
 * - of looks that count holders, since when and when it was looked before: what they write means nothing to an open limit;
 * - of a forgotten drift the moves, of a postponed deletion and of a cursor that they exist: the next sweep sees to each;
 * - of the last step of a pool's deletion the lives of pool and lines: its limit's is checked beside;
 * - how long ago a deployment was polled: it spares writes.
 * Of the rules, that of old generations is left out: the rule of lost claims refuses them as well. What both go by is not.
 * Left out, too, are the writes of what no run depends on: flows, blocks, variables, artifacts, logs, inputs, API keys.
 */
export const BUGS: readonly Bug[] = [
  ...BUGS_OF_WRITES,
  ...BUGS_OF_LIMITS,
  ...BUGS_OF_DELETIONS,
  ...BUGS_OF_DISPATCH,
  ...BUGS_OF_TASKS,
  ...BUGS_OF_RULES,
  ...BUGS_OF_COURSES,
  ...BUGS_OF_ANSWERS,
]

/** The bug of that name; throws when there is none. */
export function bugNamed(name: string): Bug {
  const bug = BUGS.find((each) => each.name === name)
  if (!bug) throw new Error(`The bank has no bug of the name '${name}'.`)
  return bug
}
