import type { Deps } from '#shared/deps.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { placeRun } from '#shared/engine/flow-run/place-run.ts'
import { assertJobVariables } from '#shared/engine/job/assert-job-variables.ts'
import { assertParameters } from '#shared/engine/job/assert-parameters.ts'
import { hydrateParameters } from '#shared/engine/job/hydrate-parameters.ts'
import { planLaunchableJob } from '#shared/engine/job/plan-launchable-job.ts'
import { notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { NewFlowRun } from '#shared/flow-run/new-flow-run.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'

/**
 * Creates a run of a deployment, with the deployment's parameters under its own and the tags of both (rules of Prefect's
 * API). Its queue is created when it is missing. Raises not_found, unresolved, invalid, schema_mismatch, being_deleted, and
 * conflict when the pool is gone.
 */
export async function runDeployment(
  deps: Deps,
  deploymentId: string,
  input: Omit<NewFlowRun, 'flowId' | 'deploymentId' | 'poolName'>,
): Promise<{ run: FlowRun; created: boolean }> {
  const deployment = await getDeployment(deps.table, deploymentId)
  if (!deployment) throw notFound('Deployment', deploymentId)
  const place = await placeRun(deps, deployment, input.queueName)
  const pool = place?.pool
  const parameters = await hydrateParameters(deps, 'flow run', {
    ...deployment.parameters,
    ...input.details?.parameters,
  })
  if (input.enforceParameterSchema ?? deployment.enforceParameterSchema) {
    await assertParameters('creating flow run', parameters, deployment)
  }
  const [own, given] = [deployment.jobVariables, input.details?.jobVariables ?? {}]
  if (pool) await assertJobVariables(deps, 'Error creating flow run', pool.baseJobTemplate, own, given)
  const planned = await planLaunchableJob(deps, { pool, deployment: own, run: given })
  const details = {
    ...input.details,
    parameters,
    tags: [...new Set([...deployment.tags, ...(input.details?.tags ?? [])])],
  }
  const run = { ...input, flowId: deployment.flowId, deploymentId, details }
  return await createFlowRun(deps, run, { deployment, queue: place?.queue, planned })
}
