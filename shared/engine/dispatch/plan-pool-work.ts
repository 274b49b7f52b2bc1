import type { Deps } from '#shared/deps.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { type ListedWork, listWork, type WorkQuery } from './list-work.ts'
import { type QueueInLine, queuesWithWork } from './queues-with-work.ts'

/**
 * How long the queues of a pool in which many have work are remembered. Within it a new queue, or a new priority, may
 * not count yet for who comes first; limits and pauses are read afresh each time, and the cache is used only while it
 * yields all the requested work.
 */
const CROWD_SECONDS = 5

interface Crowd {
  queues: readonly QueueInLine[]
  until: Instant
}

/** This process's cache, by table and pool. */
const crowds = new WeakMap<Table, Map<string, Crowd>>()

/**
 * Finds work in all queues of a pool. Where few queues have work they are looked up, whatever the number of queues; where
 * many have, the first few in order of priority will do. So neither a thousand queues nor a full pool makes it slow.
 */
export async function planPoolWork(deps: Deps, search: Omit<WorkQuery, 'queues'>): Promise<ListedWork> {
  const { poolId, handOutMax } = search
  const now = deps.clock.now()
  const known = crowds.get(deps.table)?.get(poolId)
  if (known && known.until > now) {
    const found = await listWork(deps, { ...search, queues: known.queues })
    if (found.planned >= handOutMax) return found
  }
  const { queues, crowded } = await queuesWithWork(deps, poolId)
  if (crowded) remember(deps.table, poolId, { queues, until: addSeconds(now, CROWD_SECONDS) })
  return await listWork(deps, { ...search, queues })
}

function remember(table: Table, poolId: string, crowd: Crowd): void {
  const pools = crowds.get(table) ?? new Map<string, Crowd>()
  pools.set(poolId, crowd)
  crowds.set(table, pools)
}
