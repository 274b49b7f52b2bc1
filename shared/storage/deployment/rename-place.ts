import type { Deployment } from '#shared/deployment/deployment.ts'
import { DomainError } from '#shared/errors.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { getStoredDeployment } from './get-deployment.ts'
import { putDeployment } from './put-deployment.ts'

/** Conflicting writers come after each other; more rounds than this mean that something is wrong. */
const ROUNDS_MAX = 10

/**
 * Changes the id or the name of the queue of a deployment, as long as it is in the one that it was seen in. Raises
 * unavailable when other writers kept getting in between.
 */
export async function renamePlace(
  table: Table,
  { id, life, queueId }: Pick<Deployment, 'id' | 'life' | 'queueId'>,
  queue: { id: string; name: string },
): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = await getStoredDeployment(table, id)
    if (before?.deployment.life !== life || before.deployment.queueId !== queueId || before.deployment.deleting) return
    const deployment = { ...before.deployment, queueId: queue.id, queueName: queue.name }
    if ((await putDeployment(table, { before, deployment })) !== 'outdated') return
  }
  throw new DomainError('unavailable', `Deployment '${id}' is being modified concurrently; retry.`)
}
