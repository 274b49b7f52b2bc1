import type { Deps } from '#shared/deps.ts'
import { DomainError, invalidField, notFound } from '#shared/errors.ts'
import { isUuid } from '#shared/ids.ts'
import { activeAt, type GlobalLimit, globalLimitId } from '#shared/limit/global-limit.ts'
import { getGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'
import { createGlobalLimit, saveGlobalLimit } from '#shared/storage/limit/put-global-limit.ts'

/** What may be said of a global limit; what is left out stays, or is the default. */
export interface GlobalLimitChange {
  limit?: number | undefined
  inForce?: boolean | undefined
  decayPerSecond?: number | undefined
  /** Whether slots that were taken without a lease count no longer. */
  forgetLoose?: boolean | undefined
}

const ROUNDS_MAX = 20

/** Creates a limit that nobody holds yet; undefined when there is one of that name. */
export async function addGlobalLimit(
  deps: Deps,
  name: string,
  { limit, inForce = true, decayPerSecond = 0 }: GlobalLimitChange & { limit: number },
): Promise<GlobalLimit | undefined> {
  const now = deps.clock.now()
  const fresh: GlobalLimit = {
    id: globalLimitId(name),
    name,
    limit,
    inForce,
    decayPerSecond,
    active: 0,
    countedAt: now,
    loose: 0,
    leased: 0,
    heldSeconds: 0,
    releases: 0,
    moves: 0,
    created: now,
    updated: now,
  }
  if (!(await createGlobalLimit(deps.table, fresh))) return undefined
  deps.log.info('global limit created', { limitId: fresh.id, name })
  return fresh
}

/** The limit of that id or name; raises not_found. */
export async function requireGlobalLimit(deps: Deps, idOrName: string): Promise<GlobalLimit> {
  const byName = globalLimitId(idOrName)
  const ids = isUuid(idOrName) ? [idOrName.toLowerCase(), byName] : [byName]
  const [limit] = await getGlobalLimits(deps.table, ids)
  if (!limit) throw notFound('Concurrency limit', idOrName)
  return limit
}

/**
 * Changes a limit, whoever holds it: no lease loses slots, and below the count none is given out until enough came back.
 * Raises not_found, and unavailable when others kept getting in between.
 */
export async function changeGlobalLimit(
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
    // What would have decayed nobody gives back.
    const forgets = forgetLoose || (before.decayPerSecond > 0 && decayPerSecond === 0)
    // What has decayed by now is gone for good; from here on the new rate counts.
    const counted = forgets ? { active: before.leased, loose: 0 } : { active: activeAt(before, now) }
    const countedAt = Math.max(now, before.countedAt)
    const after = { ...before, ...counted, countedAt, limit, inForce, decayPerSecond, updated: now }
    if (await saveGlobalLimit(deps.table, before, after)) return after
  }
  throw new DomainError('unavailable', `The limit '${idOrName}' is being changed by others; try again.`)
}
