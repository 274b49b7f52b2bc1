import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { assertJobVariables } from '#shared/engine/job/assert-job-variables.ts'
import { assertParameters } from '#shared/engine/job/assert-parameters.ts'
import { hydrateParameters } from '#shared/engine/job/hydrate-parameters.ts'
import { planLaunchableJob } from '#shared/engine/job/plan-launchable-job.ts'
import { ensureWorkQueue } from '#shared/engine/work-pool/ensure-work-queue.ts'
import { invalidField, notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { RunWish } from '#shared/flow-run/run-wish.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'

/**
 * Creates a run of a deployment, with the deployment's parameters under its own and the tags of both. A queue that it
 * names is created in the deployment's pool when it is missing (rules of Prefect's API). Raises not_found, unresolved,
 * invalid and conflict.
 */
export async function runDeployment(
  deps: Deps,
  deploymentId: string,
  wish: RunWish,
): Promise<{ run: FlowRun; created: boolean }> {
  const deployment = await getDeployment(deps.table, deploymentId)
  if (!deployment) throw notFound('Deployment', deploymentId)
  const pool = deployment.poolId ? await getPool(deps.table, deployment.poolId) : undefined
  const parameters = await hydrateParameters(deps, 'flow run', { ...deployment.parameters, ...wish.details.parameters })
  if (wish.enforceParameterSchema ?? deployment.enforceParameterSchema) {
    assertParameters('creating flow run', parameters, deployment)
  }
  const [own, given] = [deployment.jobVariables, wish.details.jobVariables ?? {}]
  if (pool) await assertJobVariables(deps, 'Error creating flow run', pool.baseJobTemplate, own, given)
  const planned = await planLaunchableJob(deps, { pool, deployment: own, run: given })
  const details = {
    ...wish.details,
    parameters,
    tags: [...new Set([...deployment.tags, ...(wish.details.tags ?? [])])],
  }
  const queue = wish.queueName ? await queueOf(deps, deployment, wish.queueName) : undefined
  const { state, policy } = wish
  const input = { flowId: deployment.flowId, deploymentId, queue, state, policy, details }
  return await createFlowRun(deps, input, { deployment, planned })
}

async function queueOf(deps: Deps, { poolName }: Deployment, queueName: string) {
  if (!poolName)
    throw invalidField(['body', 'work_queue_name'], 'has no meaning here: the deployment is in no work pool')
  const queue = await ensureWorkQueue(deps, poolName, queueName)
  return { poolId: queue.poolId, queueId: queue.id }
}
