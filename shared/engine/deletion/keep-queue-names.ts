import type { Deps } from '#shared/deps.ts'
import { listDeployments } from '#shared/storage/deployment/list-deployments.ts'
import { renamePlace } from '#shared/storage/deployment/rename-place.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'

/**
 * Writes down in deployments what the queues of their runs, which are about to be deleted, are called now: once they are
 * gone, only the name leads to their successors, and a queue may have been renamed since its deployment named it.
 */
export async function keepQueueNames(deps: Deps, queues: readonly Pick<WorkQueue, 'id' | 'name'>[]): Promise<void> {
  const byId = new Map(queues.map((queue) => [queue.id, queue]))
  for (const deployment of await listDeployments(deps.table)) {
    const queue = byId.get(deployment.queueId ?? '')
    if (queue && queue.name !== deployment.queueName) await renamePlace(deps.table, deployment, queue)
  }
}
