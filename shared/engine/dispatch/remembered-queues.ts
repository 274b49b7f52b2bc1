import type { Deps } from '#shared/deps.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import type { QueueInLine } from './queues-with-work.ts'

/** Queues of a pool that are looked up each time; where more have work, they are remembered. */
const QUEUES_LOOKED_UP_MAX = 16
/**
 * For how long. Within it a queue's first run, a new priority or a resumed queue may not count yet for who comes first, unless this
 * process made the change.
 */
const REMEMBERED_SECONDS = 5

interface Crowd {
  queues: readonly QueueInLine[]
  until: Instant
}

/** In this process, by table and pool. */
const crowds = new WeakMap<Table, Map<string, Crowd>>()

/** The queues that had work and were not paused a moment ago, in order of priority, where there are many. */
export function rememberedQueues({ table, clock }: Deps, poolId: string): readonly QueueInLine[] | undefined {
  const crowd = crowds.get(table)?.get(poolId)
  return crowd && crowd.until > clock.now() ? crowd.queues : undefined
}

/** Remembers which queues have work, in order of priority; what waits in them changes too fast for that. */
export function rememberQueues(
  { table, clock }: Deps,
  poolId: string,
  queues: readonly QueueInLine[],
  idle: readonly string[],
): void {
  const pools = crowds.get(table) ?? new Map<string, Crowd>()
  crowds.set(table, pools)
  pools.delete(poolId)
  if (queues.length <= QUEUES_LOOKED_UP_MAX) return
  const left = new Set(idle)
  const busy = queues.filter(({ id }) => !left.has(id)).map(({ id }) => ({ id }))
  pools.set(poolId, { queues: busy, until: addSeconds(clock.now(), REMEMBERED_SECONDS) })
}

/** Has the next look find the pool's queues anew, as one of them was created or changed. */
export function forgetQueues({ table }: Pick<Deps, 'table'>, poolId: string): void {
  crowds.get(table)?.delete(poolId)
}
