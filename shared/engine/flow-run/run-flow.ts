import type { Deps } from '#shared/deps.ts'
import { planLaunchableJob } from '#shared/engine/job/plan-launchable-job.ts'
import { invalidField, notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { NewFlowRun } from '#shared/flow-run/new-flow-run.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getFlow } from '#shared/storage/flow/get-flow.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { getQueueNamed } from '#shared/storage/work-queue/get-queue.ts'
import { AGENT_POOL_NAME, DEFAULT_QUEUE_NAME, poolIdOf, type WorkPool } from '#shared/work-pool/work-pool.ts'
import { createFlowRun } from './create-flow-run.ts'

/**
 * Creates a run of a flow that need not have a deployment; Prefect's engine creates such runs for flows that are called
 * directly. Pool and queue must exist, unlike for a run of a deployment (a rule of Prefect's API). Without a state it
 * is PENDING, as its process is there already, unless it is to wait in a queue. Raises not_found and invalid.
 */
export async function runFlow(deps: Deps, input: NewFlowRun): Promise<{ run: FlowRun; created: boolean }> {
  const { flowId, deploymentId, details } = input
  const [flow, deployment, pool] = await Promise.all([
    getFlow(deps.table, flowId),
    deploymentId ? getDeployment(deps.table, deploymentId) : undefined,
    namedPool(deps, input),
  ])
  if (!flow) throw notFound('Flow', flowId)
  if (deploymentId && !deployment) throw notFound('Deployment', deploymentId)
  if (deployment && deployment.flowId !== flowId) {
    throw invalidField(['body', 'deployment_id'], 'belongs to another flow')
  }
  const queue = pool && (await existingQueue(deps, pool, input.queueName ?? DEFAULT_QUEUE_NAME))
  const runsIn = pool ?? (deployment?.poolId ? await getPool(deps.table, deployment.poolId) : undefined)
  const layers = { deployment: deployment?.jobVariables ?? {}, run: details?.jobVariables ?? {} }
  const planned = await planLaunchableJob(deps, { pool: runsIn, ...layers })
  const waits = queue !== undefined || Boolean(deployment?.queueId)
  const state = input.state ?? ({ type: waits ? 'SCHEDULED' : 'PENDING' } as const)
  return await createFlowRun(deps, { ...input, state }, { deployment, queue, planned })
}

async function namedPool(deps: Deps, { poolName, queueName }: NewFlowRun): Promise<WorkPool | undefined> {
  const name = poolName ?? (queueName ? AGENT_POOL_NAME : undefined)
  if (!name) return undefined
  const pool = await getPool(deps.table, poolIdOf(name))
  if (!pool) throw notFound('Work pool', name)
  return pool
}

async function existingQueue(deps: Deps, pool: WorkPool, name: string) {
  const queue = await getQueueNamed(deps.table, pool.id, name)
  if (!queue) throw notFound('Work queue', name)
  return { poolId: pool.id, queueId: queue.id }
}
