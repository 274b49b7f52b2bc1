import type { Deps } from '#shared/deps.ts'
import type { Instant } from '#shared/instant.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import type { Wait } from '#shared/work-pool/dispatch-plan.ts'
import { isPushPool, type WorkPool } from '#shared/work-pool/work-pool.ts'
import { armNextDue } from './arm-next-due.ts'
import { handOut } from './hand-out.ts'
import { inspectLeases } from './inspect-leases.ts'
import { sendWakeUps } from './send-wake-ups.ts'

export interface DispatchCounts {
  claimed: number
  launched: number
  parked: number
  inspected: number
  /** Why the rest waits, as of the last pass. */
  waits: Wait[]
}

/** Maximum passes over the pool per call; each hands out up to two batches. */
const LOOKS_MAX = 100

/**
 * Hands out a push pool's due runs and launches them, until there is no run, no room, or no time left. Any number of
 * dispatchers may do this at once, and it may be cut short anywhere. The pool is read, unless it was just now.
 */
export async function dispatchPool(deps: Deps, known: string | WorkPool, deadline: Instant): Promise<DispatchCounts> {
  const counts: DispatchCounts = { claimed: 0, launched: 0, parked: 0, inspected: 0, waits: [] }
  const pool = typeof known === 'string' ? await getPool(deps.table, known) : known
  if (!pool || !isPushPool(pool.type)) return counts
  counts.inspected = await inspectLeases(deps, pool.id, { deadline, max: 100 })
  // Runs that others took: the index may still show them.
  const lost = new Set<string>()
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const now = deps.clock.now()
    const launchesMax = deps.launchBucket.available(now)
    if (now >= deadline || launchesMax === 0) return await resumeLater(deps, pool.id, counts)
    const look = await handOut(deps, pool, { launchesMax, lost, now })
    counts.claimed += look.claimed
    counts.launched += look.launched
    counts.parked += look.parked
    counts.waits = look.waits
    for (const runId of look.lost) lost.add(runId)
    if (!look.progress) break
  }
  await armNextDue(deps, pool.id)
  return counts
}

/** There may be more to do, but not now: a later wake-up goes on. */
async function resumeLater(deps: Deps, poolId: string, counts: DispatchCounts): Promise<DispatchCounts> {
  await sendWakeUps(deps, [{ poolId, reason: 'more', delaySeconds: 1 }])
  return counts
}
