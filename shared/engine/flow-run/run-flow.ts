import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { planLaunchableJob } from '#shared/engine/job/plan-launchable-job.ts'
import { beingDeleted } from '#shared/engine/work-pool/being-deleted.ts'
import { invalidField, notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { NewFlowRun } from '#shared/flow-run/new-flow-run.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getFlow } from '#shared/storage/flow/get-flow.ts'
import { AGENT_POOL_NAME } from '#shared/work-pool/work-pool.ts'
import { createFlowRun } from './create-flow-run.ts'
import { namedPlace, placeRun, type RunPlace } from './place-run.ts'

/**
 * Creates a run of a flow that need not have a deployment; Prefect's engine creates such runs for flows that are called
 * directly. Pool and queue must exist, unlike for a run of a deployment (a rule of Prefect's API). Without a state it
 * is PENDING, as its process is there already, unless it is to wait in a queue. Raises not_found, invalid, conflict
 * and being_deleted.
 */
export async function runFlow(deps: Deps, input: NewFlowRun): Promise<{ run: FlowRun; created: boolean }> {
  const { flowId, deploymentId, details } = input
  const [flow, deployment] = await Promise.all([
    getFlow(deps.table, flowId),
    deploymentId ? getDeployment(deps.table, deploymentId) : undefined,
  ])
  if (!flow) throw notFound('Flow', flowId)
  if (deploymentId && !deployment) throw notFound('Deployment', deploymentId)
  if (deployment && deployment.flowId !== flowId) {
    throw invalidField(['body', 'deployment_id'], 'belongs to another flow')
  }
  const place = await placeOf(deps, input, deployment)
  const layers = { deployment: deployment?.jobVariables ?? {}, run: details?.jobVariables ?? {} }
  const planned = await planLaunchableJob(deps, { pool: place?.pool, ...layers })
  const state = input.state ?? ({ type: place ? 'SCHEDULED' : 'PENDING' } as const)
  return await createFlowRun(deps, { ...input, state }, { deployment, queue: place?.queue, planned })
}

async function placeOf(
  deps: Deps,
  { poolName, queueName }: NewFlowRun,
  deployment: Deployment | undefined,
): Promise<RunPlace | undefined> {
  const name = poolName ?? (queueName ? AGENT_POOL_NAME : undefined)
  if (deployment?.deleting) throw beingDeleted('Deployment', deployment.name)
  if (name) return await namedPlace(deps, name, queueName)
  return deployment && (await placeRun(deps, deployment))
}
