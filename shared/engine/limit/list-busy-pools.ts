import type { Deps } from '#shared/deps.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { listPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'

/** The ids of pools that hold runs: each has a slot of its pool, so where none is taken there is nothing to look for. */
export async function listBusyPools(deps: Deps): Promise<string[]> {
  const pools = await listPoolLines(deps.table)
  const limits = await getLimits(
    deps.table,
    pools.map((pool) => poolLimit(pool.id)),
  )
  return pools.filter((pool) => (limits.get(poolLimit(pool.id))?.active ?? 0) > 0).map((pool) => pool.id)
}
