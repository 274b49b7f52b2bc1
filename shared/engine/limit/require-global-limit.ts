import type { Deps } from '#shared/deps.ts'
import { notFound } from '#shared/errors.ts'
import { isUuid } from '#shared/ids.ts'
import { type GlobalLimit, globalLimitId } from '#shared/limit/global-limit.ts'
import { getGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'

/** The limit of that id or name; raises not_found. */
export async function requireGlobalLimit(deps: Deps, idOrName: string): Promise<GlobalLimit> {
  const byName = globalLimitId(idOrName)
  const ids = isUuid(idOrName) ? [idOrName.toLowerCase(), byName] : [byName]
  const [limit] = await getGlobalLimits(deps.table, ids)
  if (!limit) throw notFound('Concurrency limit', idOrName)
  return limit
}
