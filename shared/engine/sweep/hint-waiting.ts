import type { Deps } from '#shared/deps.ts'
import { hint } from '#shared/engine/dispatch/hint-room.ts'
import { openWaitingLimits } from '#shared/engine/dispatch/open-waiting-limits.ts'
import { errorFields } from '#shared/errors.ts'
import { listWaitingPools } from '#shared/storage/limit/waiting-pools.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'

/**
 * Goes through the limits for which runs wait in pools of workers, and hints at those that have room: what announced it
 * was lost. Returns how many there were. In push pools the dispatcher's own tick does so.
 */
export async function hintWaiting(deps: Deps, pools: readonly Pick<PoolLines, 'id' | 'push'>[]): Promise<number> {
  const pushed = new Set(pools.filter((pool) => pool.push).map((pool) => pool.id))
  let hinted = 0
  for (const pool of await listWaitingPools(deps.table)) {
    if (pushed.has(pool.poolId)) continue
    try {
      const open = await openWaitingLimits(deps, pool)
      for (const key of open) await hint(deps, { ...pool, push: false }, key, 'released')
      hinted += open.length
    } catch (error) {
      deps.log.warn('waiting runs not looked through', { poolId: pool.poolId, ...errorFields(error) })
    }
  }
  return hinted
}
