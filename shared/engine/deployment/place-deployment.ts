import { type DeploymentChange, type DeploymentPlace, NO_PLACE } from '#shared/deployment/deployment-change.ts'
import type { Deps } from '#shared/deps.ts'
import { ensureAgentPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { ensureWorkQueue } from '#shared/engine/work-pool/ensure-work-queue.ts'
import { notFound } from '#shared/errors.ts'
import { getPoolByName } from '#shared/storage/work-pool/get-pool.ts'
import { AGENT_POOL_NAME, DEFAULT_QUEUE_NAME, type WorkPool } from '#shared/work-pool/work-pool.ts'

/** The names of pool and queue that a deployment should have, or null for none. */
export interface NamedPlace {
  poolName: string
  queueName: string
}

type Named = Pick<DeploymentChange, 'poolName' | 'queueName'>

/**
 * The queue that a change names for a deployment's runs; undefined when it names none. A pool alone means its default
 * queue; a queue alone is looked for in the pool that the deployment has, or else in Prefect's pool for agents.
 */
export function namedPlace({ poolName, queueName }: Named, before: DeploymentPlace): NamedPlace | null | undefined {
  if (poolName) return { poolName, queueName: queueName ?? DEFAULT_QUEUE_NAME }
  if (queueName) return { poolName: (poolName === null ? null : before.poolName) ?? AGENT_POOL_NAME, queueName }
  return poolName === null ? null : undefined
}

/** The pool of that name; the one for agents is created when it is first needed. Raises not_found. */
export async function ensurePool(deps: Deps, poolName: string): Promise<WorkPool> {
  if (poolName === AGENT_POOL_NAME) return await ensureAgentPool(deps)
  const pool = await getPoolByName(deps.table, poolName)
  if (!pool) throw notFound('Work pool', poolName)
  return pool
}

/** Ensures that the queue exists, and returns where it is. Raises not_found and being_deleted. */
export async function placeDeployment(deps: Deps, place: NamedPlace | null): Promise<DeploymentPlace> {
  if (!place) return NO_PLACE
  const queue = await ensureWorkQueue(deps, place.poolName, place.queueName)
  return { poolId: queue.poolId, poolName: queue.poolName, queueId: queue.id, queueName: queue.name }
}
