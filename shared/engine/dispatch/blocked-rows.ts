import type { Deps } from '#shared/deps.ts'
import { parseBlockedSort } from '#shared/flow-run/phase.ts'
import { type Limit, type LimitKey, refusalOf } from '#shared/limit/limit.ts'
import { listBlocked, type PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import type { LookReads } from './look-reads.ts'

/** A limit that may have room for runs that wait for it in a pool. */
export interface HintedLimit {
  limit: LimitKey
  /** The line up to which its runs have been looked through, in vain. */
  after?: string | undefined
}

/** What a look saw of the runs that wait for a limit. */
export interface SeenLimit extends HintedLimit {
  rows: PhaseEntryRow[]
  /** Whether there are no others behind these. */
  exhausted: boolean
}

/** Limits followed in one look. */
export const HINTS_AT_ONCE = 6
/** Lines of one limit that a look goes through, each of which may turn out to be closed. */
const LINES_AT_ONCE = 2
const ROWS = { min: 12, max: 50 }

/**
 * Reads runs that wait for limits which have room, as many as that lets start. A line behind the first is read, too:
 * the queue of the first may be closed.
 */
export async function blockedRows(
  deps: Deps,
  poolId: string,
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
    open.map((hint) => rowsOf(deps, poolId, hint, limits.get(hint.limit)?.available ?? ROWS.max, reads)),
  )
}

async function rowsOf(
  deps: Deps,
  poolId: string,
  hint: HintedLimit,
  room: number,
  reads: LookReads,
): Promise<SeenLimit> {
  const limit = Math.min(ROWS.max, Math.max(ROWS.min, room))
  const rows: PhaseEntryRow[] = []
  let { after } = hint
  for (let lines = 0; lines < LINES_AT_ONCE && reads.take(1) === 1; lines += 1) {
    const page = await listBlocked(deps.table, { poolId, limitKey: hint.limit, after, limit })
    rows.push(...page.rows)
    const last = page.rows.at(-1)
    after = last ? parseBlockedSort(last.sort).line : after
    if (!page.after) return { ...hint, after, rows, exhausted: true }
  }
  return { ...hint, after, rows, exhausted: false }
}

/** The limits that are worth another look after a plan, and where it goes on. */
export function stillHinted(
  seen: readonly SeenLimit[],
  unseen: readonly HintedLimit[],
  planned: ReadonlySet<string>,
): HintedLimit[] {
  const again = seen.flatMap(({ limit, after, rows, exhausted }): HintedLimit[] => {
    // Its first line may have more.
    if (rows.some(({ runId }) => planned.has(runId))) return [{ limit }]
    return exhausted ? [] : [{ limit, after }]
  })
  return [...unseen, ...again]
}

/** Hints that have been followed to their end: their limits have no room, or nothing that waits for them was found. */
export function spentHints(
  followed: readonly HintedLimit[],
  seen: readonly SeenLimit[],
  planned: ReadonlySet<string>,
): LimitKey[] {
  const left = new Set(stillHinted(seen, [], planned).map(({ limit }) => limit))
  return followed.map(({ limit }) => limit).filter((limit) => !left.has(limit))
}
