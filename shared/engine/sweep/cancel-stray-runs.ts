import { TICK_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { cancelWaitingRuns } from '#shared/engine/deletion/cancel-waiting-runs.ts'
import { cancelRunsOf } from '#shared/engine/deletion/close-for-delete.ts'
import { activePhase, blockedPhase, LATER_LINE, readyPhase, readySort } from '#shared/flow-run/phase.ts'
import { NEVER, secondsBetween } from '#shared/instant.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { absenceCheck } from '#shared/storage/deletion/deletion-check.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { forgetPoolLines } from '#shared/storage/work-pool/forget-pool-lines.ts'
import { LINES_KEPT_SECONDS, type PoolLines } from '#shared/work-pool/pool-lines.ts'

/** Runs of other lines than queues' that one look goes through for queues that are gone. */
const ROWS_MAX = 1_000
/** Such runs are looked for every so many ticks: the deletion of their queue looks for them, too. */
const TICKS_APART = 5

/** Ends the runs that wait in queues of a pool that no longer exist. Returns how many. */
export async function cancelStrayRuns(deps: Deps, poolId: string, queueIds: readonly string[]): Promise<number> {
  let strays = 0
  for (const queueId of queueIds) {
    const message = 'The work queue of the run was deleted.'
    const check = absenceCheck(deps.table, queueLimit(queueId))
    strays += (await cancelWaitingRuns(deps, { where: { poolId, queueId }, message, check })).cancelled
  }
  return strays
}

/** The queues that no longer exist, of runs that wait in no line of a queue: those due later, and blocked ones. */
export async function strayQueues(deps: Deps, poolId: string): Promise<string[]> {
  const tick = Math.floor(secondsBetween(0, deps.clock.now()) / TICK_SECONDS)
  // Each pool in a tick of its own.
  if ((tick + Number.parseInt(poolId.slice(0, 4), 16)) % TICKS_APART !== 0) return []
  const later = { from: readySort(LATER_LINE, 0), to: readySort(LATER_LINE, NEVER) }
  const pages = await Promise.all([
    listPhase(deps.table, { phase: readyPhase(poolId), ...later, limit: ROWS_MAX }),
    listPhase(deps.table, { phase: blockedPhase(poolId), limit: ROWS_MAX }),
  ])
  const queueIds = [...new Set(pages.flatMap(({ rows }) => rows.flatMap((row) => row.queueId ?? [])))]
  const limits = await getLimits(deps.table, queueIds.map(queueLimit))
  return queueIds.filter((queueId) => !limits.has(queueLimit(queueId)))
}

/**
 * Ends the runs that wait in a pool that was deleted: they were created or resumed while it was. Once its lines have been
 * seen empty, and whoever saw the pool must be done, the pool is forgotten. Returns how many were ended.
 */
export async function clearDeletedPool(deps: Deps, lines: PoolLines): Promise<number> {
  const { id, life, name, deletedAt } = lines
  if (deletedAt === null) return 0
  const { cancelled, outcome } = await cancelRunsOf(deps, { kind: 'pool', id, life, name, where: { poolId: id } })
  const over = secondsBetween(deletedAt, deps.clock.now()) > LINES_KEPT_SECONDS
  if (over && cancelled === 0 && outcome === 'complete' && (await isEmpty(deps, id))) {
    await forgetPoolLines(deps.table, lines)
  }
  return cancelled
}

/** Whether no phase of the pool has a run. */
async function isEmpty(deps: Deps, poolId: string): Promise<boolean> {
  const phases = [readyPhase(poolId), blockedPhase(poolId), activePhase(poolId)]
  const pages = await Promise.all(phases.map((phase) => listPhase(deps.table, { phase, limit: 1 })))
  return pages.every(({ rows }) => rows.length === 0)
}
