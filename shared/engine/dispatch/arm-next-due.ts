import { WAKE_UP_AHEAD_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { activePhase, instantOfSort } from '#shared/flow-run/phase.ts'
import { addSeconds, type Instant, secondsBetween, sortable } from '#shared/instant.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { listPhase, listReady } from '#shared/storage/flow-run/list-phase.ts'
import { listReadyLines } from '#shared/storage/flow-run/list-ready-lines.ts'
import { sendWakeUps } from './send-wake-ups.ts'

/** What this process has armed, by table and pool: each dispatch that comes before that would arm the same once more. */
const armed = new WeakMap<Table, Map<string, Instant>>()

/**
 * Sends a delayed wake-up for the next thing that is due in a pool before long: a run's start, or the end of a run's
 * time. Each dispatch arms the next, so one message of each process is under way, not one per run.
 */
export async function armNextDue(deps: Deps, poolId: string): Promise<void> {
  const now = deps.clock.now()
  const horizon = addSeconds(now, WAKE_UP_AHEAD_SECONDS)
  const { lines, later } = await listReadyLines(deps.table, poolId)
  const all = later ? [later, ...lines] : lines
  const short = all.flatMap(({ all: rows }) => rows ?? [])
  // No more than there were reads: the runs of further ones are found by the tick, up to a minute late.
  const long = all.filter((line) => line.all === undefined)
  const starts = long.map(({ line }) =>
    listReady(deps.table, { poolId, line, dueAfter: now + 1, dueBefore: horizon, limit: 1 }),
  )
  const range = { phase: activePhase(poolId), from: sortable(now + 1), to: sortable(horizon), limit: 1 }
  const pages = await Promise.all([...starts, listPhase(deps.table, range)])
  const rows = [...short, ...pages.flatMap((page) => page.rows)]
  const instants: Instant[] = rows.map((row) => instantOfSort(row.sort))
  const due = instants.filter((instant) => instant > now && instant <= horizon)
  if (due.length === 0) return
  const next = Math.min(...due)
  const own = armed.get(deps.table) ?? new Map<string, Instant>()
  armed.set(deps.table, own)
  const before = own.get(poolId) ?? 0
  if (before > now && before <= next) return
  const delaySeconds = Math.ceil(secondsBetween(now, next))
  if (await sendWakeUps(deps, [{ poolId, reason: 'due', delaySeconds }])) own.set(poolId, next)
}
