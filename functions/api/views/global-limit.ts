import { formatInstant, type Instant } from '#shared/instant.ts'
import { activeAt, type GlobalLimit, tagOf } from '#shared/limit/global-limit.ts'
import type { Lease } from '#shared/limit/lease.ts'

/** A global limit as Prefect's clients read it. A part of a slot that has not decayed yet is a slot in use. */
export function globalLimitView(limit: GlobalLimit, now: Instant) {
  return {
    id: limit.id,
    created: formatInstant(limit.created),
    updated: formatInstant(limit.updated),
    active: limit.inForce,
    name: limit.name,
    limit: limit.limit,
    active_slots: Math.ceil(activeAt(limit, now)),
    slot_decay_per_second: limit.decayPerSecond,
  }
}

/** A limit that slots were taken of. */
export function slotLimitView({ id, name, limit }: GlobalLimit) {
  return { id, name, limit }
}

/** The limit on a tag, with the task runs that hold its slots. */
export function tagLimitView(limit: GlobalLimit, leases: readonly Lease[]) {
  const holders = leases.filter(({ limits }) => limits.some(({ id }) => id === limit.id)).map(({ holder }) => holder)
  return {
    id: limit.id,
    created: formatInstant(limit.created),
    updated: formatInstant(limit.updated),
    tag: tagOf(limit) ?? limit.name,
    concurrency_limit: limit.limit,
    active_slots: holders.flatMap((holder) => (holder?.type === 'task_run' ? holder.id : [])),
  }
}
