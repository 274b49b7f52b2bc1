import { POLL_RECORD_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { getPoolPoll, recordPoolPoll, recordQueuePoll } from '#shared/storage/work-pool/record-poll.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'

/**
 * Records that queues of a pool were polled, at most every POLL_RECORD_SECONDS; without `queues`, all of them. It
 * serves the shown status alone, so a failure is logged and the poll continues.
 */
export async function recordPoll(
  deps: Deps,
  poolId: string,
  queues?: readonly Pick<WorkQueue, 'id' | 'lastPolled'>[],
): Promise<void> {
  const now = deps.clock.now()
  try {
    if (queues) {
      const stale = queues.filter((queue) => isStale(queue.lastPolled ?? 0, now))
      await Promise.all(stale.map((queue) => recordQueuePoll(deps.table, poolId, queue.id, now)))
    } else await recordOfAll(deps, poolId, now)
  } catch (error) {
    deps.log.warn('poll not recorded', { poolId, reason: String(error) })
  }
}

/** When the queues of each pool were last polled at once, as far as this process knows; polls are never undone. */
const known = new WeakMap<Table, Map<string, Instant>>()

async function recordOfAll({ table }: Deps, poolId: string, now: Instant): Promise<void> {
  const polls = known.get(table) ?? new Map<string, Instant>()
  known.set(table, polls)
  if (!isStale(polls.get(poolId) ?? 0, now)) return
  let polled = (await getPoolPoll(table, poolId)) ?? 0
  if (isStale(polled, now)) {
    await recordPoolPoll(table, poolId, now)
    polled = now
  }
  polls.set(poolId, polled)
}

function isStale(lastPolled: Instant, now: Instant): boolean {
  return secondsBetween(lastPolled, now) >= POLL_RECORD_SECONDS
}
