import type { Deps } from '#shared/deps.ts'
import { parkRun } from '#shared/engine/dispatch/park-run.ts'
import { errorFields } from '#shared/errors.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { addSeconds, type Instant, NEVER } from '#shared/instant.ts'
import { type Limit, refusalOf } from '#shared/limit/limit.ts'
import { LIMIT_PHASES } from '#shared/storage/dynamo/table.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listRuns } from '#shared/storage/flow-run/list-runs.ts'
import { getLimits, listLimits } from '#shared/storage/limit/get-limits.ts'

/** Runs that fell due this long ago were decided by one of the last ticks; it leaves room for a few that failed. */
const WINDOW_SECONDS = 5 * 60
const BATCH_RUNS = 100
/** Writes under way at a time. */
const WIDTH = 10

/**
 * Cancels the waiting runs that fell due lately while their deployment's limit is full, where its collision strategy is
 * CANCEL_NEW. The dispatcher and workers do so too, for the runs that they meet; but a run behind a full or paused queue,
 * or in a pool that no worker polls, meets none, and would start when its turn comes. Each limit gets
 * an equal share of the time until the deadline. Returns how many were cancelled.
 */
export async function cancelCollidingRuns(deps: Deps, deadline: Instant = NEVER): Promise<number> {
  let cancelled = 0
  const limits = (await listLimits(deps.table, LIMIT_PHASES.cancelNew)).filter(collides)
  for (const [at, limit] of limits.entries()) {
    const now = deps.clock.now()
    try {
      cancelled += await cancelUnder(deps, limit, now + Math.max(0, deadline - now) / (limits.length - at))
    } catch (error) {
      deps.log.warn('colliding runs not cancelled', { limit: limit.key, ...errorFields(error) })
    }
  }
  return cancelled
}

function collides(limit: Limit): boolean {
  return limit.cancelNew && refusalOf(limit) === 'full'
}

async function cancelUnder(deps: Deps, { key }: Limit, until: Instant): Promise<number> {
  const now = deps.clock.now()
  const deploymentId = key.slice(key.indexOf('#') + 1)
  const runIds: string[] = []
  const range = { deploymentId, from: addSeconds(now, -WINDOW_SECONDS), to: now, descending: false }
  for await (const { runId } of listRuns(deps.table, range)) runIds.push(runId)
  let cancelled = 0
  for (let at = 0; at < runIds.length && deps.clock.now() < until; at += BATCH_RUNS) {
    const cores = await getRunCores(deps.table, runIds.slice(at, at + BATCH_RUNS))
    const due = cores.filter((run) => isWaiting(run) && (run.nextScheduledStartTime ?? run.expectedStartTime) <= now)
    if (due.length === 0) continue
    const limit = (await getLimits(deps.table, [key])).get(key)
    if (!limit || !collides(limit)) break
    const runs = await getRuns(
      deps.table,
      due.map((run) => run.id),
    )
    for (let next = 0; next < runs.length; next += WIDTH) {
      const some = runs.slice(next, next + WIDTH).filter(isWaiting)
      const stored = await Promise.all(some.map((run) => parkRun(deps, run, { limit, strategy: 'CANCEL_NEW' })))
      cancelled += stored.filter(Boolean).length
    }
  }
  return cancelled
}
