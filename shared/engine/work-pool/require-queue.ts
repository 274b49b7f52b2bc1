import type { Deps } from '#shared/deps.ts'
import { notFound } from '#shared/errors.ts'
import { getPoolByName } from '#shared/storage/work-pool/get-pool.ts'
import { getQueueByName, getQueueNamed } from '#shared/storage/work-queue/get-queue.ts'
import { poolIdOf, type WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'

/** The pool of that name; raises not_found. */
export async function requirePool(deps: Deps, name: string): Promise<WorkPool> {
  const pool = await getPoolByName(deps.table, name)
  if (!pool) throw notFound('Work pool', name)
  return pool
}

/** The queue of that name in the pool of that name; raises not_found. */
export async function requireQueue(deps: Deps, poolName: string, queueName: string): Promise<WorkQueue> {
  const poolId = poolIdOf(poolName)
  const queue = await getQueueNamed(deps.table, poolId, queueName)
  if (!queue) throw notFound('Work queue', `${poolName}/${queueName}`)
  return queue
}

/** The queue of that id, in whatever pool; raises not_found. */
export async function requireQueueById(deps: Deps, queueId: string): Promise<WorkQueue> {
  const queue = await getQueueByName(deps.table, queueId)
  if (!queue) throw notFound('Work queue', queueId)
  return queue
}
