import type { Deletion } from '#shared/deletion/deletion.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { cancelRunsOf, unfinished } from '#shared/engine/deletion/close-for-delete.ts'
import { notFound } from '#shared/errors.ts'
import { addSeconds } from '#shared/instant.ts'
import { postponeDeletion } from '#shared/storage/deletion/postpone-deletion.ts'
import * as storage from '#shared/storage/deployment/delete-deployment.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'

/**
 * Deletes a deployment, as it is now, and ends its runs that wait, wherever they do, as CANCELLED. Raises not_found, and
 * unfinished when more have to be looked at than one request can.
 */
export async function deleteDeployment(deps: Deps, deploymentId: string): Promise<void> {
  const deployment = await getDeployment(deps.table, deploymentId)
  if (!deployment) throw notFound('Deployment', deploymentId)
  await deleteDeploymentLife(deps, deployment)
}

/**
 * Deletes a life of a deployment: it takes no runs any more, then those that wait are cancelled, and then it goes. Each
 * step may be repeated; the sweep finishes a deletion that was cut short. Raises not_found when that life is over, and
 * unfinished.
 */
export async function deleteDeploymentLife(
  deps: Deps,
  { id, life, name }: Pick<Deployment, 'id' | 'life' | 'name'>,
  from?: Deletion['from'],
): Promise<void> {
  const now = deps.clock.now()
  if (!(await storage.markDeploymentDeleting(deps.table, { id, life, name }, now))) throw notFound('Deployment', id)
  const target = { kind: 'deployment', id, life, name, where: { deploymentId: id } } as const
  const result = await cancelRunsOf(deps, target, from)
  if (result.outcome === 'outdated') throw notFound('Deployment', id)
  if (result.outcome === 'more') {
    await postponeDeletion(deps.table, {
      kind: 'deployment',
      id,
      life,
      name,
      due: addSeconds(now, 1),
      from: result.from,
    })
    throw unfinished(target, result.cancelled)
  }
  if (!(await storage.deleteDeployment(deps.table, { id, life }))) return
  // A run created during the deletion is found by the sweep, which looks once more.
  deps.log.info('deployment deleted', { deploymentId: id, cancelled: result.cancelled })
}
