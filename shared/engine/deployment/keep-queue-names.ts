import type { Deps } from '#shared/deps.ts'
import { DomainError } from '#shared/errors.ts'
import { listDeployments } from '#shared/storage/deployment/list-deployments.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { editDeployment } from './save-deployment.ts'

/**
 * Writes down in deployments what the queues of their runs, which are about to be deleted, are called now: once they are
 * gone, only the name leads to their successors, and a queue may have been renamed since its deployment named it.
 */
export async function keepQueueNames(deps: Deps, queues: readonly Pick<WorkQueue, 'id' | 'name'>[]): Promise<void> {
  const names = new Map<string | null, string>(queues.map(({ id, name }) => [id, name]))
  const all = await listDeployments(deps.table)
  const outdated = all.filter(({ queueId, queueName }) => names.has(queueId) && names.get(queueId) !== queueName)
  for (const { id } of outdated) {
    try {
      await editDeployment(deps, id, (before) => ({
        ...before,
        queueName: names.get(before.queueId) ?? before.queueName,
      }))
    } catch (error) {
      // It is going, too.
      if (!(error instanceof DomainError && ['not_found', 'being_deleted'].includes(error.code))) throw error
    }
  }
}
