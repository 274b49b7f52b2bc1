import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { addSeconds, type Instant, NEVER } from '../instant.ts'
import { activeAt, type GlobalLimit, globalLimitId, retryAfterSeconds } from '../limit/global-limit.ts'
import type { Lease, LeaseHolder } from '../limit/lease.ts'
import { getGlobalLimits } from '../storage/get-global-limits.ts'
import { getLease } from '../storage/get-leases.ts'
import { takeSlots } from '../storage/move-slots.ts'

export interface SlotsWish {
  /** Names of limits; names of which there is none ask for nothing. */
  names: readonly string[]
  slots: number
  /** Whether only limits with a decay will do. */
  rateLimit?: boolean
  /** Without one, nobody is remembered to hold the slots. A lease of an id that is there already takes nothing more. */
  lease?: { id?: string | undefined; seconds: number | null; holder: LeaseHolder | null }
}

export type SlotsOutcome =
  | { kind: 'acquired'; leaseId: string; limits: GlobalLimit[] }
  | { kind: 'full'; full: GlobalLimit[]; retryAfterSeconds: number }

const ROUNDS_MAX = 20

/**
 * Takes slots of all the limits that there are by these names, or of none. Raises invalid for what can never be had, and
 * unavailable when others kept getting in between.
 */
export async function acquireSlots(deps: Deps, wish: SlotsWish): Promise<SlotsOutcome> {
  const { names, slots, lease: asked } = wish
  const leaseId = asked?.id ?? deps.ids.uuid()
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const limits = await getGlobalLimits(deps.table, names.map(globalLimitId))
    const inForce = limits.filter((limit) => limit.inForce)
    refuseImpossible(inForce, wish)
    if (inForce.length === 0 || (asked?.id && (await getLease(deps.table, asked.id)))) {
      return { kind: 'acquired', leaseId, limits }
    }
    const now = deps.clock.now()
    const full = fullLimits(inForce, slots, now)
    if (full.length > 0) {
      return { kind: 'full', full, retryAfterSeconds: retryAfterSeconds(full, slots, now, deps.ids.random()) }
    }
    const lease = asked && newLease(leaseId, inForce, { slots, now, ...asked })
    if (await takeSlots(deps.table, { limits: inForce, slots, lease, now }))
      return { kind: 'acquired', leaseId, limits }
  }
  throw new DomainError('unavailable', `Slots of ${names.join(', ')} are being taken by others; try again.`)
}

/** The limits that have fewer slots left than are asked for. */
export function fullLimits(limits: readonly GlobalLimit[], slots: number, now: Instant): GlobalLimit[] {
  return limits.filter((limit) => activeAt(limit, now) + slots > limit.limit)
}

/** A lease on slots of limits; without an end when `seconds` is null. */
export function newLease(
  id: string,
  limits: readonly GlobalLimit[],
  { slots, now, seconds, holder }: { slots: number; now: Instant; seconds: number | null; holder: LeaseHolder | null },
): Lease {
  const until = seconds === null ? NEVER : addSeconds(now, seconds)
  return {
    id,
    slots,
    limits: limits.map(({ id: limitId, created }) => ({ id: limitId, created })),
    holder,
    until,
    created: now,
  }
}

/** Prefect's words for both. */
function refuseImpossible(limits: readonly GlobalLimit[], { slots, rateLimit }: SlotsWish): void {
  if (limits.some(({ limit }) => limit < slots)) {
    throw new DomainError('invalid', 'Slots requested is greater than the limit')
  }
  const still = rateLimit ? limits.filter(({ decayPerSecond }) => decayPerSecond === 0) : []
  if (still.length === 0) return
  const names = still.map(({ name }) => name).join(',')
  const why = `The following limits do not have a decay configured: '${names}'`
  throw new DomainError('invalid', `Only concurrency limits with slot decay can be used for rate limiting. ${why}`)
}
