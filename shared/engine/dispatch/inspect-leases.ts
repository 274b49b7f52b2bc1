import { LAUNCH_GRACE_SECONDS, START_TIMEOUT_SECONDS, TICK_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { errorFields } from '#shared/errors.ts'
import { isDispatched } from '#shared/flow-run/held-run.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import { addSeconds, sortable } from '#shared/instant.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listPhase, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'
import { inspectRun } from './inspect-run.ts'

/** Runs looked at in one go; the oldest lease comes first, so the rest is next. */
const INSPECTED_MAX = 100

/** Inspects the held runs of a pool whose lease has run out, such as those that are out of time. Returns how many. */
export async function inspectLeases(deps: Deps, poolId: string | null): Promise<number> {
  const to = sortable(deps.clock.now())
  const { rows } = await listPhase(deps.table, { phase: activePhase(poolId), to, limit: INSPECTED_MAX })
  return await inspectAll(
    deps,
    rows.map((row) => row.runId),
  )
}

/** Ticks that get the chance to find one lost launch. */
const TICKS_PER_LAUNCH = 3

/**
 * Finds launches that were lost between the claim and its record: claims that are old enough to have been launched and
 * have no task. They are recognized by their lease, which is a fixed time after the claim, so no write marks them. What
 * no tick sees in time is found when that lease runs out.
 */
export async function inspectLostLaunches(deps: Deps, poolId: string): Promise<number> {
  const now = deps.clock.now()
  const claimedAt = (ageSeconds: number) => sortable(addSeconds(now, START_TIMEOUT_SECONDS - ageSeconds))
  const range: PhaseRange = {
    phase: activePhase(poolId),
    from: claimedAt(LAUNCH_GRACE_SECONDS + TICKS_PER_LAUNCH * TICK_SECONDS),
    to: claimedAt(LAUNCH_GRACE_SECONDS),
    limit: 1000,
  }
  const { rows } = await listPhase(deps.table, range)
  const runs = await getRunCores(
    deps.table,
    rows.map((row) => row.runId),
  )
  const unlaunched = runs.filter((run) => isDispatched(run) && !run.launch?.taskArn)
  return await inspectAll(
    deps,
    unlaunched.slice(0, INSPECTED_MAX).map((run) => run.id),
  )
}

/** One run that can't be inspected must not keep the others from it. */
async function inspectAll(deps: Deps, runIds: readonly string[]): Promise<number> {
  let inspected = 0
  for (const runId of runIds) {
    try {
      await inspectRun(deps, runId)
      inspected += 1
    } catch (error) {
      deps.log.warn('run not inspected', { runId, ...errorFields(error) })
      deps.metrics.count('InspectionsFailed', 1)
    }
  }
  return inspected
}
