import type { Deps } from '#shared/deps.ts'
import { continueCount } from '#shared/engine/deployment/continue-count.ts'
import { errorFields } from '#shared/errors.ts'
import { LIMIT_PHASES } from '#shared/storage/dynamo/table.ts'
import { listLimits } from '#shared/storage/limit/get-limits.ts'

/** Goes on with deployments' limits that count their holders, each by itself. Returns how many are open now. */
export async function openCountedLimits(deps: Deps): Promise<number> {
  let opened = 0
  for (const { key } of await listLimits(deps.table, LIMIT_PHASES.counting)) {
    try {
      if (await continueCount(deps, key)) opened += 1
    } catch (error) {
      deps.log.warn('limit not counted', { limit: key, ...errorFields(error) })
    }
  }
  return opened
}
