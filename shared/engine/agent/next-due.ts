import type { Deps } from '#shared/deps.ts'
import { instantOfSort, LATER_LINE } from '#shared/flow-run/phase.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { listReady } from '#shared/storage/flow-run/list-phase.ts'
import { listReadyLines } from '#shared/storage/flow-run/list-ready-lines.ts'

/** Agents call again sooner than that by themselves. */
const AHEAD_SECONDS = 3_600
/** Lines read one by one, beyond those that the look for lines shows whole. */
const LINES_MAX = 8

/**
 * When the next run falls due that waits in one of these queues of a pool, or in any; undefined when none does soon. In
 * the line of runs that were due much later it may be another queue's: a call too many does no harm.
 */
export async function nextDue(
  deps: Deps,
  poolId: string,
  queueIds: readonly string[] | undefined,
  after: Instant,
): Promise<Instant | undefined> {
  const { lines, later } = await listReadyLines(deps.table, poolId)
  const wanted = queueIds && new Set(queueIds)
  const own = lines.filter(({ line }) => !wanted || wanted.has(line))
  const all = later ? [...own, later] : own
  const rows = all.flatMap((line) => line.all ?? [])
  const unread = all.filter((line) => line.all === undefined).slice(0, LINES_MAX)
  const dueBefore = addSeconds(after, AHEAD_SECONDS)
  const pages = await Promise.all(
    unread.map(({ line }) => listReady(deps.table, { poolId, line, dueAfter: after + 1, dueBefore, limit: 1 })),
  )
  const known = rows.filter(({ sort, queueId }) => !wanted || !sort.startsWith(LATER_LINE) || wanted.has(queueId ?? ''))
  const dues = [...known, ...pages.flatMap((page) => page.rows)].map(({ sort }) => instantOfSort(sort))
  const next = Math.min(...dues.filter((due) => due > after && due <= dueBefore))
  return Number.isFinite(next) ? next : undefined
}
