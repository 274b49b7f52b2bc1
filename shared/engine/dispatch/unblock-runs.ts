import { CLAIM_BATCH_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { blockedPhase } from '#shared/flow-run/phase.ts'
import { type LimitKey, refusalOf } from '#shared/limit/limit.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { listLineIds } from '#shared/storage/work-pool/list-pool-lines.ts'
import { sendWakeUps } from './send-wake-ups.ts'

/**
 * Puts runs that were parked under a limit back in line, oldest first, as many as the limit has room for now. They keep
 * their due time, so they go first; the claim decides who gets the slots. Returns how many.
 */
export async function unblockRuns(deps: Deps, key: LimitKey): Promise<number> {
  try {
    const limit = (await getLimits(deps.table, [key])).get(key)
    // A deleted limit blocks no run.
    if (limit && refusalOf(limit) !== null) return 0
    const room = Math.min(limit?.available ?? CLAIM_BATCH_MAX, CLAIM_BATCH_MAX)
    const poolIds = await listLineIds(deps.table)
    const range = { from: `${key}#`, to: `${key}#~`, limit: room }
    const pages = await Promise.all(
      poolIds.map((poolId) => listPhase(deps.table, { phase: blockedPhase(poolId), ...range })),
    )
    const rows = pages.flatMap((page) => page.rows).slice(0, room)
    const runs = await getRuns(
      deps.table,
      rows.map((row) => row.runId),
    )
    const parked = runs.filter((run) => run.blockedBy === key)
    const freed = await Promise.all(
      parked.map(async (run) => ((await saveRun(deps.table, run, { ...run, blockedBy: null })) ? [run] : [])),
    )
    const pools = new Set(freed.flat().flatMap((run) => run.poolId ?? []))
    await sendWakeUps(
      deps,
      [...pools].map((poolId) => ({ poolId, reason: 'released', delaySeconds: 0 }) as const),
    )
    return freed.flat().length
  } catch (error) {
    deps.log.warn('parked runs not woken', { limit: key, reason: String(error) })
    return 0
  }
}
