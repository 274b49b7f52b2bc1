import type { Deps } from '#shared/deps.ts'
import type { GlobalLimit } from '#shared/limit/global-limit.ts'
import { type Lease } from '#shared/limit/lease.ts'
import { listLeases } from '#shared/storage/limit/get-leases.ts'
import { releaseLease } from './release-lease.ts'
import { updateGlobalLimit } from './update-global-limit.ts'

/** Leases that one look for holders reads. */
const HOLDERS_MAX = 5_000

/** The leases that hold slots of a limit, as fresh as the index; without it, all leases. */
export async function holdersOf(deps: Deps, limitIds?: readonly string[]): Promise<Lease[]> {
  const leases = await listLeases(deps.table, HOLDERS_MAX)
  return limitIds ? leases.filter(({ limits }) => limits.some(({ id }) => limitIds.includes(id))) : leases
}

/** Takes a limit's slots back, leases included, except from these task runs: an operator's last resort. */
export async function resetHolders(deps: Deps, limit: GlobalLimit, keptTaskIds: readonly string[] = []): Promise<void> {
  await updateGlobalLimit(deps, limit.id, { forgetLoose: true })
  for (const lease of await holdersOf(deps, [limit.id])) {
    if (!keptTaskIds.includes(lease.holder?.id ?? '')) await releaseLease(deps, lease.id)
  }
}
