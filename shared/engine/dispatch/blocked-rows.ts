import type { Deps } from '#shared/deps.ts'
import { lineOf, parseBlockedSort } from '#shared/flow-run/phase.ts'
import { type Limit, type LimitKey, refusalOf } from '#shared/limit/limit.ts'
import { listBlocked, type PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import type { LookReads } from './look-reads.ts'

/** What a look searches, as far as reading these rows goes. */
interface BlockedSearch {
  poolId: string
  /** Runs that the index may still show although they are taken. */
  lost?: ReadonlySet<string> | undefined
}

/** A limit that may have room for runs that wait for it in a pool. */
export interface HintedLimit {
  limit: LimitKey
  /** The line up to which its runs have been looked through, in vain. */
  after?: string | undefined
}

/** What a look saw of the runs that wait for a limit. */
export interface SeenLimit extends HintedLimit {
  /** The line after which it began. */
  from: string | undefined
  rows: PhaseEntryRow[]
  /** Whether a line that it came to has more than these. */
  cut: boolean
  /** Whether there are no others behind these. */
  exhausted: boolean
}

/** Limits followed in one look. */
export const HINTS_AT_ONCE = 6
/** Lines of one limit that a look goes through, each of which may turn out to be closed. */
const LINES_AT_ONCE = 2
const ROWS = { min: 12, max: 50 }
/** Reads left to the plan: the order of queues, their limits, a line, and the limits of deployments found there. */
const PLAN_READS = 4

/**
 * Reads runs that wait for limits which have room, as many as that lets start. A line behind the first is read, too:
 * the queue of the first may be closed.
 */
export async function blockedRows(
  deps: Deps,
  search: BlockedSearch,
  hinted: readonly HintedLimit[],
  limits: ReadonlyMap<LimitKey, Limit>,
  reads: LookReads,
): Promise<SeenLimit[]> {
  const open = hinted.filter(({ limit }) => {
    const read = limits.get(limit)
    return !read || refusalOf(read) === null
  })
  // Without a read left for it, a limit waits for the next look.
  return await Promise.all(
    open.map((hint) => rowsOf(deps, search, hint, limits.get(hint.limit)?.available ?? ROWS.max, reads)),
  )
}

async function rowsOf(
  deps: Deps,
  { poolId, lost }: BlockedSearch,
  hint: HintedLimit,
  room: number,
  reads: LookReads,
): Promise<SeenLimit> {
  const limit = Math.min(ROWS.max, Math.max(ROWS.min, room)) + (lost?.size ?? 0)
  const rows: PhaseEntryRow[] = []
  const from = hint.after
  let after = from
  let cut = false
  for (let lines = 0; lines < LINES_AT_ONCE && reads.take(1, PLAN_READS) === 1; lines += 1) {
    const page = await listBlocked(deps.table, { poolId, limitKey: hint.limit, after, limit })
    rows.push(...page.rows.filter(({ runId }) => !lost?.has(runId)))
    const last = page.rows.at(-1)
    after = last ? parseBlockedSort(last.sort).line : after
    if (!page.after) return { ...hint, from, after, rows, cut, exhausted: true }
    cut = true
  }
  return { ...hint, from, after, rows, cut, exhausted: false }
}

/** What came of the rows that a look saw. */
export interface SeenOutcome {
  /** Runs that are handed out. */
  planned: ReadonlySet<string>
  /** Queues that the look did not get to. */
  unreached: ReadonlySet<string>
}

/** Of the limits that a look saw, those that are worth another one, and where that goes on. */
export function stillHinted(seen: readonly SeenLimit[], { planned, unreached }: SeenOutcome): HintedLimit[] {
  return seen.flatMap(({ limit, from, after, rows, exhausted }): HintedLimit[] => {
    // Its first line may have more.
    if (rows.some(({ runId }) => planned.has(runId))) return [{ limit }]
    if (rows.some((row) => unreached.has(lineOf(row)))) return [{ limit, after: from }]
    return exhausted ? [] : [{ limit, after }]
  })
}
