import { POLLED_RECENTLY_SECONDS } from '#shared/bounds.ts'
import { idFromName } from '#shared/ids.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'

/** A queue's settings. Its concurrency limit and whether it is paused are in its limit item. */
export interface WorkQueue {
  id: string
  /** Tells this queue from another that had its name before. */
  life: string
  poolId: string
  poolName: string
  name: string
  description: string
  /** 1 is the highest; unique within the pool. */
  priority: number
  /** Prefect's old filter, by which a queue names runs instead of holding them; see queue-filter.ts. */
  filter: Record<string, unknown> | null
  lastPolled: Instant | null
  created: Instant
  updated: Instant
}

/** The id that a queue of this name always has in its pool. */
export function queueIdOf(poolId: string, name: string): string {
  return idFromName('work-queue', poolId, name)
}

export type QueueStatus = 'READY' | 'NOT_READY' | 'PAUSED'

/** A queue's status as Prefect shows it; a queue of a push pool is served by the dispatcher, so it is always ready. */
export function queueStatus({
  paused,
  push,
  polled,
}: {
  paused: boolean
  push: boolean
  polled: boolean
}): QueueStatus {
  if (paused) return 'PAUSED'
  return push || polled ? 'READY' : 'NOT_READY'
}

/** Whether the last poll is so recent that something still seems to poll; false when there was none. */
export function polledRecently(lastPolled: Instant | null, now: Instant): boolean {
  return lastPolled !== null && secondsBetween(lastPolled, now) <= POLLED_RECENTLY_SECONDS
}

/**
 * Places a queue at a priority: those at or below it that are in the way move down by as little as needed (a rule of
 * Prefect's API). Without a requested one the queue gets the lowest free number. Returns the queue's priority and the
 * moves.
 */
export function placePriority(
  others: readonly Pick<WorkQueue, 'id' | 'priority'>[],
  requested: number | undefined,
): { priority: number; moved: { id: string; priority: number }[] } {
  const taken = new Set(others.map((queue) => queue.priority))
  if (requested === undefined) {
    let free = 1
    while (taken.has(free)) free += 1
    return { priority: free, moved: [] }
  }
  const moved: { id: string; priority: number }[] = []
  let next = requested
  for (const queue of others
    .filter((other) => other.priority >= requested)
    .toSorted((a, b) => a.priority - b.priority)) {
    if (queue.priority > next) break
    next = Math.max(next, queue.priority) + 1
    moved.push({ id: queue.id, priority: next })
  }
  return { priority: requested, moved }
}
