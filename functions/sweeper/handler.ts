import type { ScheduledEvent } from 'aws-lambda'
import type { Deps } from '#shared/deps.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import type { SweepCounts } from '#shared/engine/sweep/sweep-counts.ts'

/** Runs the repair pass on each tick of the schedule; returns what it found. */
export function createSweeper(deps: Deps) {
  return async (_event: ScheduledEvent): Promise<SweepCounts> => {
    const counts = await sweep(deps)
    deps.log.info('sweep done', { ...counts })
    return counts
  }
}
