import type { Deps } from '#shared/deps.ts'
import { type GlobalLimit, globalLimitId } from '#shared/limit/global-limit.ts'
import * as storage from '#shared/storage/limit/put-global-limit.ts'
import type { GlobalLimitChange } from './update-global-limit.ts'

/** Creates a limit without holders; undefined when the name exists. */
export async function createGlobalLimit(
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
  if (!(await storage.createGlobalLimit(deps.table, fresh))) return undefined
  deps.log.info('global limit created', { limitId: fresh.id, name })
  return fresh
}
