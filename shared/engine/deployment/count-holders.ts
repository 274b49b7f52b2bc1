import { INDEX_LAG_SECONDS_MAX, LOOKS_APART_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { hintRoom } from '#shared/engine/dispatch/hint-room.ts'
import { listBusyPools } from '#shared/engine/limit/list-busy-pools.ts'
import { listPoolHolders } from '#shared/engine/limit/list-pool-holders.ts'
import { secondsBetween } from '#shared/instant.ts'
import type { Limit, LimitKey } from '#shared/limit/limit.ts'
import { listActiveRuns } from '#shared/storage/flow-run/list-active-runs.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { openLimit, raiseEpoch, recordLook } from '#shared/storage/limit/open-limit.ts'
import { listPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'
import { lendSlots } from './lend-slots.ts'

/** Pools that are written or queried at the same time. */
const WIDTH = 10

/**
 * Takes the next step towards opening a deployment's first limit, whichever that is: the item says how far it has got, so
 * any process may go on. Claims that have not seen the limit are barred, by raising the epoch of every pool; then the
 * runs that are held get a slot each, in two looks or more. The limit opens after a look that leaves none without a slot
 * and is proven to have missed none, or comes later than any index lags. Ended runs are never read. Returns the seconds
 * until the next step, null when it is open.
 */
export async function countHolders(deps: Deps, key: LimitKey): Promise<number | null> {
  const limit = (await getLimits(deps.table, [key])).get(key)
  if (!limit || limit.countingSince === null) return null
  if (limit.lookedAt === null) {
    // Pools that are listed later are newer than the limit, and so is all that their claims read.
    const pools = await listPoolLines(deps.table)
    await eachOf(pools, (pool) => raiseEpoch(deps.table, pool.id))
    await lendSlots(deps, limit, await glance(deps, limit))
    await recordLook(deps.table, limit, deps.clock.now())
    return LOOKS_APART_SECONDS + 1
  }
  const passed = secondsBetween(limit.lookedAt, deps.clock.now())
  if (passed < LOOKS_APART_SECONDS) return Math.ceil(LOOKS_APART_SECONDS - passed)
  const { runIds, complete } = await look(deps, limit)
  if (!(await lendSlots(deps, limit, runIds))) return 1
  if (!complete && passed < INDEX_LAG_SECONDS_MAX) return Math.ceil(passed / 2)
  if (!(await openLimit(deps.table, limit))) return 1
  deps.log.info('limit opened', { limit: key, seconds: secondsBetween(limit.countingSince, deps.clock.now()) })
  await hintRoom(deps, [key], 'limit-raised')
  return null
}

/** The runs that the deployment holds, as the index shows them. */
async function glance(deps: Deps, { key }: Limit): Promise<string[]> {
  const poolIds = [null, ...(await listBusyPools(deps))]
  const rows = await eachOf(poolIds, (poolId) => listActiveRuns(deps.table, poolId, idOf(key)))
  return rows.flat().map(({ runId }) => runId)
}

/** The same, and whether none is missing. Outside of pools each claim takes a slot of its deployment from the first one on. */
async function look(deps: Deps, { key }: Limit): Promise<{ runIds: string[]; complete: boolean }> {
  const pools = await eachOf(await listBusyPools(deps), (poolId) => listPoolHolders(deps, poolId, idOf(key)))
  const own = pools.flatMap(({ holders }) => holders).filter(({ deploymentId }) => deploymentId === idOf(key))
  return { runIds: own.map(({ id }) => id), complete: pools.every(({ complete }) => complete) }
}

const idOf = (key: LimitKey): string => key.slice(key.indexOf('#') + 1)

/** Works through items, a few at a time. */
async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += WIDTH) {
    results.push(...(await Promise.all(items.slice(at, at + WIDTH).map(work))))
  }
  return results
}
