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
  const limits = await getLimits(
    deps.table,
    pools.map((pool) => poolLimit(pool.id)),
  )
  return await Promise.all(
    pools.map(async (pool) => {
      const limit = limits.get(poolLimit(pool.id))
      return { pool, limit, status: poolStatus(pool, limit?.paused ?? false, await hasOnlineWorker(deps, pool)) }
    }),
  )
}

/** Whether the pool is served; not read where the status does not depend on it. */
async function hasOnlineWorker(deps: Deps, pool: WorkPool): Promise<boolean> {
  if (isPushPool(pool.type) || pool.type === AGENT_POOL_TYPE) return false
  const now = deps.clock.now()
  return (await listPoolWorkers(deps, pool.id)).some((worker) => workerStatus(worker, now) === 'ONLINE')
}
