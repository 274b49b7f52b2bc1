import { CLAIM_BATCH_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { isHeld } from '#shared/flow-run/held-run.ts'
import type { Limit, LimitKey } from '#shared/limit/limit.ts'
import { adoptHolders } from '#shared/storage/deployment/adopt-holders.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'

/** A held run that keeps changing is read again this often, and then left to the next look. */
const ROUNDS_MAX = 5

/** Lends a slot of the limit to each of the runs that is held without one; false when one was left without. */
export async function lendSlots(deps: Deps, { key }: Pick<Limit, 'key'>, runIds: readonly string[]): Promise<boolean> {
  let complete = true
  for (let at = 0; at < runIds.length; at += CLAIM_BATCH_MAX) {
    const lent = await lendBatch(deps, key, runIds.slice(at, at + CLAIM_BATCH_MAX))
    complete &&= lent
  }
  return complete
}

async function lendBatch(deps: Deps, key: LimitKey, runIds: readonly string[]): Promise<boolean> {
  let left = runIds
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const runs = (await getRunCores(deps.table, left)).filter(isHeld).filter(({ claim }) => !claim.slots.includes(key))
    if (runs.length === 0) return true
    left = runs.map((run) => run.id)
    const lent = await adoptHolders(deps.table, key, runs)
    // One run that has changed keeps all of them from it.
    if (!lent && runs.length > 1) for (const run of runs) await adoptHolders(deps.table, key, [run])
  }
  return false
}
