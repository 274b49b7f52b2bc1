import type { Deps } from '#shared/deps.ts'
import { type Limit, poolLimit } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { AGENT_POOL_TYPE, isPushPool, type PoolStatus, poolStatus, type WorkPool } from '#shared/work-pool/work-pool.ts'
import { workerStatus } from '#shared/worker/worker.ts'
import { listPoolWorkers } from './list-pool-workers.ts'

/** A pool with what is kept apart from it (its limit) and what is computed on read (its status). */
export interface WorkPoolView {
  pool: WorkPool
  limit: Limit | undefined
  status: PoolStatus | null
}

/** Describes pools, in the order given. */
export async function getWorkPoolViews(deps: Deps, pools: readonly WorkPool[]): Promise<WorkPoolView[]> {
  const served = pools.filter(({ type }) => !isPushPool(type) && type !== AGENT_POOL_TYPE)
  const [limits, online] = await Promise.all([
    getLimits(
      deps.table,
      pools.map((pool) => poolLimit(pool.id)),
    ),
    onlinePools(deps, served),
  ])
  return pools.map((pool) => {
    const limit = limits.get(poolLimit(pool.id))
    return { pool, limit, status: poolStatus(pool, limit?.paused ?? false, online.has(pool.id)) }
  })
}

/** Of pools, those in which someone works. */
async function onlinePools(deps: Deps, pools: readonly WorkPool[]): Promise<Set<string>> {
  const workers = await listPoolWorkers(
    deps,
    pools.map(({ id }) => id),
  )
  const now = deps.clock.now()
  return new Set(workers.filter((worker) => workerStatus(worker, now) === 'ONLINE').map(({ poolId }) => poolId))
}
