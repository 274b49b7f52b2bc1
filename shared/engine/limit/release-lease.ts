import type { Deps } from '#shared/deps.ts'
import { DomainError } from '#shared/errors.ts'
import { type GlobalLimit, globalLimitId } from '#shared/limit/global-limit.ts'
import type { Lease } from '#shared/limit/lease.ts'
import { getGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'
import { getLease } from '#shared/storage/limit/get-leases.ts'
import { giveSlots } from '#shared/storage/limit/move-slots.ts'

const ROUNDS_MAX = 20

/** Ends a lease and gives its slots back; an ended one has done so already. Returns whether it did. */
export async function releaseLease(deps: Deps, leaseId: string): Promise<boolean> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const lease = await getLease(deps.table, leaseId)
    if (!lease) return false
    if (await giveSlots(deps.table, await leaseMove(deps, lease))) return true
  }
  throw contended()
}

/** The slots to give back for a lease, of its limits that were not recreated since. */
export async function leaseMove(deps: Deps, lease: Lease) {
  const limits = await getGlobalLimits(
    deps.table,
    lease.limits.map(({ id }) => id),
  )
  const same = limits.filter((limit) =>
    lease.limits.some(({ id, created }) => id === limit.id && created === limit.created),
  )
  return { limits: same, slots: lease.slots, lease, now: deps.clock.now() }
}

/**
 * Gives back slots that were taken without a lease, and never those of leases. Returns the existing limits of these
 * names.
 */
export async function releaseLooseSlots(deps: Deps, names: readonly string[], slots: number): Promise<GlobalLimit[]> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const limits = await getGlobalLimits(deps.table, names.map(globalLimitId))
    const counting = limits.filter(({ inForce, loose, decayPerSecond }) => inForce && (loose > 0 || decayPerSecond > 0))
    if (await giveSlots(deps.table, { limits: counting, slots, now: deps.clock.now() })) return limits
  }
  throw contended()
}

function contended(): DomainError {
  return new DomainError('unavailable', 'The limits are being modified concurrently; retry.')
}
