import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { beingDeleted } from '#shared/engine/work-pool/being-deleted.ts'
import { ensureWorkQueue } from '#shared/engine/work-pool/ensure-work-queue.ts'
import { DomainError, invalidField, notFound } from '#shared/errors.ts'
import { renamePlace } from '#shared/storage/deployment/rename-place.ts'
import { getPlace } from '#shared/storage/work-pool/get-place.ts'
import { getQueueNamed } from '#shared/storage/work-queue/get-queue.ts'
import { DEFAULT_QUEUE_NAME, poolIdOf, type WorkPool } from '#shared/work-pool/work-pool.ts'
import { queueIdOf } from '#shared/work-queue/work-queue.ts'

/** An id that no queue has. */
const NO_QUEUE = 'none'

/** Where a new run is to wait. */
export interface RunPlace {
  pool: WorkPool
  queue: { poolId: string; queueId: string }
}

/**
 * Where a new run of a deployment waits: in the queue that it names, or in the deployment's; undefined for a deployment
 * without a pool. Either is created under its name when it is missing. Raises conflict when the pool is gone,
 * being_deleted while the deployment, the pool or the queue is, and invalid for a queue without a pool.
 */
export async function placeRun(deps: Deps, deployment: Deployment, named?: string): Promise<RunPlace | undefined> {
  const { poolId, poolName } = deployment
  if (deployment.deleting) throw beingDeleted('Deployment', deployment.name)
  if (!poolId || !poolName) {
    if (!named) return undefined
    throw invalidField(['body', 'work_queue_name'], "can't be set: the deployment has no work pool")
  }
  const queueName = named ?? deployment.queueName ?? DEFAULT_QUEUE_NAME
  const queueId = named ? await idOfQueue(deps, poolId, named) : (deployment.queueId ?? queueIdOf(poolId, queueName))
  const place = await getPlace(deps.table, poolId, queueId)
  if (place.deleting) throw placeBeingDeleted(place.deleting, poolName, queueName)
  if (!place.pool) {
    const remedy = 'Create it again, or move the deployment to another.'
    throw new DomainError('conflict', `Work pool '${poolName}' of the deployment no longer exists. ${remedy}`)
  }
  if (place.queue === 'open') return { pool: place.pool, queue: { poolId, queueId } }
  const queue = await ensureWorkQueue(deps, poolName, queueName)
  // The successor of a queue that was deleted has another id than that when one of the two was renamed.
  if (!named && queue.id !== deployment.queueId) await renamePlace(deps.table, deployment, queue)
  return { pool: place.pool, queue: { poolId, queueId: queue.id } }
}

/**
 * The queue of that name in the pool of that name, for a run that names them; both must exist (a rule of Prefect's API).
 * Raises not_found and being_deleted.
 */
export async function namedPlace(deps: Deps, poolName: string, queueName = DEFAULT_QUEUE_NAME): Promise<RunPlace> {
  const poolId = poolIdOf(poolName)
  const queueId = await idOfQueue(deps, poolId, queueName)
  const { pool, queue, deleting } = await getPlace(deps.table, poolId, queueId)
  if (!pool) throw notFound('Work pool', poolName)
  if (deleting) throw placeBeingDeleted(deleting, poolName, queueName)
  if (queue === 'missing') throw notFound('Work queue', queueName)
  return { pool, queue: { poolId, queueId } }
}

/** The id of the queue that has the name now, or of the one to create under it: a renamed queue keeps its id. */
async function idOfQueue(deps: Deps, poolId: string, name: string): Promise<string> {
  return (await getQueueNamed(deps.table, poolId, name))?.id ?? NO_QUEUE
}

function placeBeingDeleted(deleting: 'pool' | 'queue', poolName: string, queueName: string): DomainError {
  return deleting === 'pool' ? beingDeleted('Work pool', poolName) : beingDeleted('Work queue', queueName)
}
