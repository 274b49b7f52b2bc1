import type { Deps } from '#shared/deps.ts'
import { DomainError, invalidField } from '#shared/errors.ts'
import { activeAt, type GlobalLimit } from '#shared/limit/global-limit.ts'
import { saveGlobalLimit } from '#shared/storage/limit/put-global-limit.ts'
import { requireGlobalLimit } from './require-global-limit.ts'

/** The settings of a global limit; omitted members stay unchanged, or take the default. */
export interface GlobalLimitChange {
  limit?: number | undefined
  inForce?: boolean | undefined
  decayPerSecond?: number | undefined
  /** Whether slots that were taken without a lease count no longer. */
  forgetLoose?: boolean | undefined
}

const ROUNDS_MAX = 20

/**
 * Updates a limit, held or not: no lease loses slots, and below the count none is given out until enough are returned.
 * Raises not_found, and unavailable when others kept getting in between.
 */
export async function updateGlobalLimit(
  deps: Deps,
  idOrName: string,
  change: GlobalLimitChange & { name?: string | undefined },
): Promise<GlobalLimit> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = await requireGlobalLimit(deps, idOrName)
    const { name = before.name, limit = before.limit, inForce = before.inForce } = change
    if (name !== before.name) throw invalidField(['body', 'name'], "can't be changed; create a limit of that name")
    const { decayPerSecond = before.decayPerSecond, forgetLoose = false } = change
    const now = deps.clock.now()
    // Slots that would have decayed are never given back.
    const forgets = forgetLoose || (before.decayPerSecond > 0 && decayPerSecond === 0)
    // What has decayed by now is gone for good; from here on the new rate counts.
    const counted = forgets ? { active: before.leased, loose: 0 } : { active: activeAt(before, now) }
    const countedAt = Math.max(now, before.countedAt)
    const after = { ...before, ...counted, countedAt, limit, inForce, decayPerSecond, updated: now }
    if (await saveGlobalLimit(deps.table, before, after)) return after
  }
  throw new DomainError('unavailable', `The limit '${idOrName}' is being modified concurrently; retry.`)
}
