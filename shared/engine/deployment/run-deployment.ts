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
import type { NewFlowRun } from '#shared/flow-run/new-flow-run.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'

/**
 * Creates a run of a deployment, with the deployment's parameters under its own and the tags of both. A queue that it
 * names is created in the deployment's pool when it is missing (rules of Prefect's API). Raises not_found, unresolved,
 * invalid, schema_mismatch and being_deleted.
 */
export async function runDeployment(
  deps: Deps,
  deploymentId: string,
  input: Omit<NewFlowRun, 'flowId' | 'deploymentId' | 'poolName'>,
): Promise<{ run: FlowRun; created: boolean }> {
  const deployment = await getDeployment(deps.table, deploymentId)
  if (!deployment) throw notFound('Deployment', deploymentId)
  const pool = deployment.poolId ? await getPool(deps.table, deployment.poolId) : undefined
  const parameters = await hydrateParameters(deps, 'flow run', {
    ...deployment.parameters,
    ...input.details?.parameters,
  })
  if (input.enforceParameterSchema ?? deployment.enforceParameterSchema) {
    assertParameters('creating flow run', parameters, deployment)
  }
  const [own, given] = [deployment.jobVariables, input.details?.jobVariables ?? {}]
  if (pool) await assertJobVariables(deps, 'Error creating flow run', pool.baseJobTemplate, own, given)
  const planned = await planLaunchableJob(deps, { pool, deployment: own, run: given })
  const details = {
    ...input.details,
    parameters,
    tags: [...new Set([...deployment.tags, ...(input.details?.tags ?? [])])],
  }
  const queue = input.queueName ? await queueOf(deps, deployment, input.queueName) : undefined
  const run = { ...input, flowId: deployment.flowId, deploymentId, details }
  return await createFlowRun(deps, run, { deployment, queue, planned })
}

async function queueOf(deps: Deps, { poolName }: Deployment, queueName: string) {
  if (!poolName) throw invalidField(['body', 'work_queue_name'], "can't be set: the deployment has no work pool")
  const queue = await ensureWorkQueue(deps, poolName, queueName)
  return { poolId: queue.poolId, queueId: queue.id }
}
