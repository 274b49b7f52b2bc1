import { CLIENT_CANCEL_SECONDS } from '#shared/bounds.ts'
import { addSeconds, dayOf, type Instant, NEVER, sortable } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { FlowRun } from './flow-run.ts'
import { isWaiting } from './held-run.ts'
import { isTerminal, type StateType } from './state.ts'

/**
 * Where a run is now. Every run is in exactly one phase, and one index over phases serves claiming, sweeping, "who
 * holds the slots" and the lists by state:
 *
 * - ready:   `ready#<pool>`, sorted by queue and then due time
 * - blocked: `blocked#<limit>` or `blocked#pause`, sorted by due time or pause timeout
 * - active:  `active#<pool>`, sorted by lease
 * - ended:   `ended#<state type>#<day>`, sorted by end time
 *
 * Ready runs of a pool share one key, with the queue leading the sort key, so that the queues that have work can be
 * found by skipping from one to the next instead of querying each of a thousand queues.
 */
export interface PhaseEntry {
  phase: string
  sort: string
}

/** The pool key of runs without a pool. */
const NO_POOL = 'none'
export const PAUSE_PHASE = 'blocked#pause'

/** Scheduled runs of a pool, or of none, that no limit holds back. */
export function readyPhase(poolId: string | null): string {
  return `ready#${poolId ?? NO_POOL}`
}

/** Runs of a pool, or of none, that are claimed. */
export function activePhase(poolId: string | null): string {
  return `active#${poolId ?? NO_POOL}`
}

/** Runs that wait for a slot of a limit. */
export function blockedPhase(limit: LimitKey): string {
  return `blocked#${limit}`
}

/** Runs that ended on a day, by how they ended. */
export function endedPhase(type: StateType, day: string): string {
  return `ended#${type}#${day}`
}

/** The line of a ready run: its queue; without one, its deployment (a served deployment polls for its own runs). */
export function lineOf(run: Pick<FlowRun, 'queueId' | 'deploymentId'>): string {
  return run.queueId ?? run.deploymentId ?? 'none'
}
/** The sort key of ready runs of a line that are due at an instant. */
export function readySort(line: string, due: Instant): string {
  return `${line}#${sortable(due)}`
}
/** Reads the line back from a ready run's sort key. */
export function lineOfSort(sort: string): string {
  return sort.slice(0, sort.lastIndexOf('#'))
}
/** Reads the instant back from any phase's sort key. */
export function instantOfSort(sort: string): Instant {
  return Number(sort.slice(sort.lastIndexOf('#') + 1))
}

/** The phase that a run's state puts it in. */
export function phaseOf(run: FlowRun): PhaseEntry {
  const { type } = run.state
  if (isTerminal(type)) {
    const ended = run.endTime ?? run.state.timestamp
    return { phase: endedPhase(type, dayOf(ended)), sort: sortable(ended) }
  }
  const due = run.nextScheduledStartTime ?? run.expectedStartTime
  if (type === 'PAUSED') return { phase: PAUSE_PHASE, sort: sortable(run.state.details.pauseTimeout ?? NEVER) }
  // Scheduled with a claim, the run's own process waits to retry: no other process may claim it, and it keeps its
  // slots.
  if (!isWaiting(run)) return activeEntry(run)
  if (run.blockedBy) return { phase: blockedPhase(run.blockedBy), sort: sortable(due) }
  return { phase: readyPhase(run.poolId), sort: readySort(lineOf(run), due) }
}

function activeEntry(run: FlowRun): PhaseEntry {
  const { type, timestamp } = run.state
  const unclaimed = type === 'CANCELLING' ? addSeconds(timestamp, CLIENT_CANCEL_SECONDS) : NEVER
  return { phase: activePhase(run.poolId), sort: sortable(run.claim?.leaseUntil ?? unclaimed) }
}
