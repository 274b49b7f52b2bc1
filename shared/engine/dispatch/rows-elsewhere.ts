import { instantOfSort, lineOf } from '#shared/flow-run/phase.ts'
import type { Instant } from '#shared/instant.ts'
import type { Limit, LimitKey } from '#shared/limit/limit.ts'
import type { PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import type { SeenLimit } from './blocked-rows.ts'

/** Runs of queues that a look does not search, and so does not plan. */
export interface RowsElsewhere {
  /** Those to put into their queue's line, so that they hide none behind them. */
  moved: string[]
  /** Limits for which some are left that would have room. */
  left: LimitKey[]
}

/**
 * Of the runs that wait for a limit in other queues, as many as the plan leaves it room for go into their queue's line:
 * its limit's announcement may reach only workers that don't poll that queue.
 */
export function blockedElsewhere(
  seen: readonly SeenLimit[],
  searched: ReadonlySet<string>,
  planned: ReadonlySet<string>,
  limits: ReadonlyMap<LimitKey, Limit>,
): RowsElsewhere {
  const found: RowsElsewhere = { moved: [], left: [] }
  for (const { limit, rows, cut } of seen) {
    const others = rows.filter((row) => !searched.has(lineOf(row)))
    const taken = rows.filter(({ runId }) => planned.has(runId)).length
    const room = Math.max(0, (limits.get(limit)?.available ?? Infinity) - taken)
    found.moved.push(...others.slice(0, room).map(({ runId }) => runId))
    if (others.length > 0 && others.length < room && cut) found.left.push(limit)
  }
  return found
}

/** Of the runs that were due much later, those of other queues that are due now, where they fill what one read shows. */
export function laterElsewhere(
  rows: readonly PhaseEntryRow[],
  searched: ReadonlySet<string>,
  { fill, now }: { fill: number; now: Instant },
): string[] {
  if (rows.length < fill) return []
  const due = rows.filter((row) => !searched.has(lineOf(row)) && instantOfSort(row.sort) <= now)
  return due.map(({ runId }) => runId)
}
