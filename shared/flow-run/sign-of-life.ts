import { addSeconds, type Instant } from '#shared/instant.ts'
import type { FlowRun } from './flow-run.ts'
import { type HeldRun, isHeld } from './held-run.ts'

/** What a pool makes of silence: after so many minutes, counted from `since` at the earliest, a stock worker is gone. */
export interface SilenceRule {
  minutes: number
  /** Since when the service has been there to be called, without a gap. */
  since: Instant
}

/** Signs of life are written down at most this often; the figure also bounds how old the last one may look. */
export function signSeconds(minutes: number): number {
  return (minutes * 60) / 3
}

/** Whether a stock worker holds the run, so that nothing but its calls shows that it lives. */
export function isHeldByClient(run: FlowRun): run is HeldRun {
  return isHeld(run) && run.claim.by.kind === 'client'
}

/** Whether a call of the run's process must be written down: none has been for a third of the time. */
export function isSignDue(run: FlowRun, minutes: number, now: Instant): boolean {
  return isHeldByClient(run) && addSeconds(run.claim.seen ?? 0, signSeconds(minutes)) <= now
}

/**
 * When the silence of a run's process has lasted too long, should it not call before. A call that was written down may
 * have been followed by others that were not, so it counts for as long as those would have been left out.
 */
export function silentAt({ state, claim }: HeldRun, { minutes, since }: SilenceRule): Instant {
  const called = claim.seen === undefined ? 0 : addSeconds(claim.seen, signSeconds(minutes))
  return addSeconds(Math.max(called, claim.at, state.timestamp, since), minutes * 60)
}
