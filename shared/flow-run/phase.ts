import { CLIENT_CANCEL_SECONDS, LATER_AHEAD_SECONDS } from '#shared/bounds.ts'
import { addSeconds, dayOf, type Instant, NEVER, sortable } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { FlowRun } from './flow-run.ts'
import { isHeld, isWaiting } from './held-run.ts'
import { isTerminal, type StateType } from './state.ts'

/**
 * Where a run is now, by what the run itself says. Every run is in exactly one phase, and one index over phases serves
 * claiming, sweeping, "who holds the slots" and the lists by state:
 *
 * - ready:   `ready#<pool>`, sorted by line and then due time
 * - blocked: `blocked#<pool>`, sorted by the full limit, then by line and due time
 * - active:  `active#<pool>`, sorted by lease; paused runs that hold slots are here, too
 * - paused:  `paused`, sorted by pause timeout: those that hold nothing
 * - ended:   `ended#<state type>#<day>`, sorted by end time
 *
 * Ready runs of a pool share one key, with the queue leading the sort key, so that the queues that have work can be
 * found by skipping from one to the next instead of querying each of a thousand queues. Runs that are due much later
 * share one line, the last of its pool, whatever their queue: they make no queue look busy, and the first that falls due
 * is found with one read. Nothing moves them when they are due; the next look finds them there.
 */
export interface PhaseEntry {
  phase: string
  sort: string
}

/** The pool key of runs without a pool. */
const NO_POOL = 'none'
export const PAUSED_PHASE = 'paused'

/** Scheduled runs of a pool, or of none, that no limit holds back. */
export function readyPhase(poolId: string | null): string {
  return `ready#${poolId ?? NO_POOL}`
}

/** Runs of a pool, or of none, that are claimed. */
export function activePhase(poolId: string | null): string {
  return `active#${poolId ?? NO_POOL}`
}

/** Scheduled runs of a pool, or of none, that wait for a slot of their deployment's limit. */
export function blockedPhase(poolId: string | null): string {
  return `blocked#${poolId ?? NO_POOL}`
}

/** Runs that ended on a day, by how they ended. */
export function endedPhase(type: StateType, day: string): string {
  return `ended#${type}#${day}`
}

/** The line of runs that were due much later when they were last written; sorts after all queues, which have UUIDs. */
export const LATER_LINE = 'later'

/** The line of a waiting run: its queue; without one, its deployment (a served deployment polls for its own runs). */
export function lineOf(run: Pick<FlowRun, 'queueId' | 'deploymentId'>): string {
  return run.queueId ?? run.deploymentId ?? 'none'
}
/** The sort key of ready runs of a line that are due at an instant. */
export function readySort(line: string, due: Instant): string {
  return `${line}#${sortable(due)}`
}
/** The sort key of runs of a line that wait for a limit and are due at an instant. */
export function blockedSort(limit: LimitKey, line: string, due: Instant): string {
  return `${limit}#${readySort(line, due)}`
}
/** Reads the line back from a ready run's sort key. */
export function lineOfSort(sort: string): string {
  return sort.slice(0, sort.lastIndexOf('#'))
}
/** Reads the limit and the line back from a blocked run's sort key. */
export function parseBlockedSort(sort: string): { limit: LimitKey; line: string } {
  const [kind, id, line = ''] = sort.split('#')
  return { limit: `${kind}#${id}` as LimitKey, line }
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
  const timeout = run.state.details.pauseTimeout ?? NEVER
  if (type === 'PAUSED' && !isHeld(run)) return { phase: PAUSED_PHASE, sort: sortable(timeout) }
  // Scheduled with a claim, the run's own process waits to retry: no other process may claim it, and it keeps its
  // slots.
  return isWaiting(run) ? waitingEntry(run) : activeEntry(run)
}

function waitingEntry(run: FlowRun): PhaseEntry {
  const { poolId, queueId, blockedBy, updated } = run
  const due = run.nextScheduledStartTime ?? run.expectedStartTime
  if (blockedBy) return { phase: blockedPhase(poolId), sort: blockedSort(blockedBy, lineOf(run), due) }
  const later = poolId !== null && queueId !== null && due > addSeconds(updated, LATER_AHEAD_SECONDS)
  return { phase: readyPhase(poolId), sort: readySort(later ? LATER_LINE : lineOf(run), due) }
}

function activeEntry(run: FlowRun): PhaseEntry {
  const { type, timestamp } = run.state
  const unclaimed = type === 'CANCELLING' ? addSeconds(timestamp, CLIENT_CANCEL_SECONDS) : NEVER
  return { phase: activePhase(run.poolId), sort: sortable(run.claim?.leaseUntil ?? unclaimed) }
}
