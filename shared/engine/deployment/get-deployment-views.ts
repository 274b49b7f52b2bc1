import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { getQueuesOf } from '#shared/engine/read/get-queues-of.ts'
import type { Instant } from '#shared/instant.ts'
import { deploymentLimit, type Limit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { isPushPool } from '#shared/work-pool/work-pool.ts'
import { polledRecently } from '#shared/work-queue/work-queue.ts'

/** A deployment with what is known of it elsewhere. */
export interface DeploymentView {
  deployment: Deployment
  /** Undefined while it has none. */
  limit: Limit | undefined
  /** The last poll for its runs, of its queue or by a process that serves it. */
  lastPolled: Instant | null
  /**
   * Whether its runs are fetched: by a push pool always, by others if they poll regularly; never when its pool or queue is
   * gone, or about to be.
   */
  ready: boolean
}

/** Adds to deployments what their views show beside them. */
export async function getDeploymentViews(deps: Deps, deployments: readonly Deployment[]): Promise<DeploymentView[]> {
  const now = deps.clock.now()
  const poolIds = [...new Set(deployments.flatMap(({ poolId }) => poolId ?? []))]
  const [queues, limits, pools] = await Promise.all([
    getQueuesOf(deps, deployments),
    getLimits(deps.table, deployments.flatMap(limitsOf)),
    Promise.all(poolIds.map((poolId) => getPool(deps.table, poolId))),
  ])
  const push = new Set(pools.flatMap((pool) => (pool && isPushPool(pool.type) ? [pool.id] : [])))
  return deployments.map((deployment) => {
    const queue = deployment.queueId === null ? undefined : queues.get(deployment.queueId)
    const lastPolled = Math.max(deployment.lastPolled ?? 0, queue?.lastPolled ?? 0) || null
    const open = limitsOf(deployment)
      .slice(1)
      .every((key) => limits.get(key)?.deleting === false)
    const ready = open && (push.has(deployment.poolId ?? '') || polledRecently(lastPolled, now))
    // Its queue may have been renamed since.
    const shown = { ...deployment, queueName: queue?.name ?? deployment.queueName }
    return { deployment: shown, limit: limits.get(deploymentLimit(deployment.id)), lastPolled, ready }
  })
}

/** The limits of a deployment, and of where its runs go, which exist as long as that does. */
function limitsOf({ id, poolId, queueId }: Deployment): [LimitKey, ...LimitKey[]] {
  return [deploymentLimit(id), ...(poolId ? [poolLimit(poolId)] : []), ...(queueId ? [queueLimit(queueId)] : [])]
}
