import type { Deps } from '#shared/deps.ts'
import { inspectLeases, inspectLostLaunches } from '#shared/engine/dispatch/inspect-leases.ts'
import { expireLeases } from '#shared/engine/limit/expire-leases.ts'
import { errorFields } from '#shared/errors.ts'
import { listPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'
import { cancelCollidingRuns } from './cancel-colliding-runs.ts'
import { clearDeletedPool } from './cancel-stray-runs.ts'
import { cancelSubflows } from './cancel-subflows.ts'
import { checkDrift } from './check-drift.ts'
import { expirePauses } from './expire-pauses.ts'
import { finishDeletions } from './finish-deletions.ts'
import { hintWaiting } from './hint-waiting.ts'
import { inspectReadyLines } from './inspect-ready-lines.ts'
import { openCountedLimits } from './open-counted-limits.ts'

/** What one sweep repaired; all zero when all is well, except inspections of long runs. */
export interface SweepCounts {
  inspected: number
  lostLaunches: number
  pausesExpired: number
  limitsOpened: number
  hinted: number
  collisions: number
  strays: number
  deletionsFinished: number
  subflowsCancelled: number
  leasesExpired: number
  drift: number
  failures: number
}

/**
 * The tick's repair pass over everything that a crash, a lost message or a lost event can leave behind. Each part is
 * bounded, can be cut short anywhere, and works on what the last one left; a part that fails does not stop the others.
 */
export async function sweep(deps: Deps): Promise<SweepCounts> {
  const counts: SweepCounts = {
    inspected: 0,
    lostLaunches: 0,
    pausesExpired: 0,
    limitsOpened: 0,
    hinted: 0,
    collisions: 0,
    strays: 0,
    deletionsFinished: 0,
    subflowsCancelled: 0,
    leasesExpired: 0,
    drift: 0,
    failures: 0,
  }
  const part = async (name: keyof SweepCounts, work: () => Promise<number>) => {
    try {
      counts[name] += await work()
    } catch (error) {
      counts.failures += 1
      deps.log.error('part of the sweep failed', { part: name, ...errorFields(error) })
    }
  }
  await part('deletionsFinished', () => finishDeletions(deps))
  const pools = await listPoolLines(deps.table, false)
  for (const pool of pools) {
    if (pool.deletedAt !== null) {
      await part('inspected', () => inspectLeases(deps, pool.id))
      await part('strays', () => clearDeletedPool(deps, pool))
      continue
    }
    // First, as the inspections move runs within the index that this counts by.
    await part('drift', () => checkDrift(deps, pool.id))
    await part('inspected', () => inspectLeases(deps, pool.id))
    if (pool.push) await part('lostLaunches', () => inspectLostLaunches(deps, pool.id))
    await part('strays', () => inspectReadyLines(deps, pool))
  }
  // Runs of no pool: those that processes of the users' serve or start by themselves.
  await part('inspected', () => inspectLeases(deps, null))
  await part('pausesExpired', () => expirePauses(deps))
  await part('limitsOpened', () => openCountedLimits(deps))
  await part('collisions', () => cancelCollidingRuns(deps))
  await part('hinted', () => hintWaiting(deps, pools))
  await part('subflowsCancelled', () => cancelSubflows(deps))
  await part('leasesExpired', () => expireLeases(deps))
  // Zeros are not published: each metric published in every hour of a month costs money.
  for (const [name, value] of Object.entries(counts)) if (value > 0) deps.metrics.count(`Sweep_${name}`, value)
  return counts
}
