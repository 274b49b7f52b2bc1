import type { Deps } from '#shared/deps.ts'
import { ensureWorkQueue } from '#shared/engine/work-pool/ensure-work-queue.ts'
import { DomainError } from '#shared/errors.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isHeld, isWaiting } from '#shared/flow-run/held-run.ts'
import { DEPLOYMENT_DELETED } from '#shared/flow-run/messages.ts'
import { newState } from '#shared/flow-run/state.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getPlace } from '#shared/storage/work-pool/get-place.ts'
import { getPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'

/**
 * The run as it enters a line again, when it is retried or resumed after it has held nothing; or why it can't. A queue
 * that was deleted since is created again under its name if the run's deployment names it; otherwise nobody knows its
 * name, and the run goes on in its pool's default queue. What is held keeps its pool and queue from being deleted, but
 * not its deployment, without which nothing can start it again: then it is cancelled instead.
 */
export async function rejoinLine(deps: Deps, before: FlowRun, next: FlowRun): Promise<FlowRun | string> {
  const { poolId, queueId } = next
  if (isWaiting(before) || !isWaiting(next)) return next
  const deployment = next.deploymentId ? await getDeployment(deps.table, next.deploymentId) : undefined
  if (next.deploymentId && !deployment) {
    if (!isHeld(before)) return DEPLOYMENT_DELETED
    return advance(before, newState('CANCELLED', next.state.timestamp, { message: DEPLOYMENT_DELETED }))
  }
  if (isHeld(before) || !poolId || !queueId) return next
  const { pool, queue, deleting } = await getPlace(deps.table, poolId, queueId)
  if (!pool) return `Work pool${await nameOf(deps, poolId)} of the run was deleted.`
  if (deleting === 'pool') return `Work pool '${pool.name}' of the run is being deleted.`
  if (deleting === 'queue') return 'The work queue of the run is being deleted.'
  if (queue === 'open') return next
  const named = deployment?.queueId === queueId ? deployment.queueName : null
  if (named === null) return { ...next, queueId: pool.defaultQueueId }
  try {
    return { ...next, queueId: (await ensureWorkQueue(deps, pool.name, named)).id }
  } catch (error) {
    // Pool or queue went in between.
    if (error instanceof DomainError && ['not_found', 'being_deleted'].includes(error.code)) return error.message
    throw error
  }
}

/** Known for a while after the deletion. */
async function nameOf(deps: Deps, poolId: string): Promise<string> {
  const lines = await getPoolLines(deps.table, poolId)
  return lines ? ` '${lines.name}'` : ''
}
