import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { queueNamesOf } from './queue-names.ts'

/** Deployments with the present names of their queues, which may have been renamed since the deployments were placed. */
export async function withQueueNames(
  deps: Pick<Deps, 'table' | 'clock'>,
  deployments: readonly Deployment[],
): Promise<Deployment[]> {
  const names = await queueNamesOf(deps, deployments)
  return deployments.map((deployment) => {
    const { queueId, queueName } = deployment
    return { ...deployment, queueName: (queueId === null ? undefined : names.get(queueId)?.name) ?? queueName }
  })
}
