import { LATE_AFTER_SECONDS } from '#shared/bounds.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { FlowRun } from './flow-run.ts'
import { defaultStateName } from './state.ts'

const LATE = 'Late'

/**
 * True for a run that still waits although it has been due for a while. As in Prefect (services/late_runs.py) only the
 * plain "Scheduled" state counts: a run that awaits a retry or a slot says so already.
 */
export function isLate(run: Pick<FlowRun, 'state' | 'nextScheduledStartTime'>, now: Instant): boolean {
  const { type, name } = run.state
  const due = run.nextScheduledStartTime
  return type === 'SCHEDULED' && name === defaultStateName(type) && due !== null && lateBefore(now) >= due
}

/** The state's name as it is shown. Lateness is computed when read; no loop has to write it. */
export function shownStateName(run: Pick<FlowRun, 'state' | 'nextScheduledStartTime'>, now: Instant): string {
  return isLate(run, now) ? LATE : run.state.name
}

/** Runs due at or before this instant are late. */
export function lateBefore(now: Instant): Instant {
  return addSeconds(now, -LATE_AFTER_SECONDS)
}
