import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import type { Flow } from '#shared/flow/flow.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getFlow } from '#shared/storage/flow/get-flow.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'

/** The context of a launch beside the run; deleted things are undefined. */
export interface LaunchContext {
  pool: Pick<WorkPool, 'baseJobTemplate' | 'name'> | undefined
  deployment: Deployment | undefined
  flow: Flow | undefined
}

/** Reads the contexts of launches in a pool, each deployment and flow once. */
export function launchContexts(deps: Deps, pool: LaunchContext['pool']): (run: FlowRun) => Promise<LaunchContext> {
  const deployments = new Map<string, Promise<Deployment | undefined>>()
  const flows = new Map<string, Promise<Flow | undefined>>()
  return async ({ deploymentId, flowId }) => {
    const [deployment, flow] = await Promise.all([
      deploymentId ? readOnce(deployments, deploymentId, () => getDeployment(deps.table, deploymentId)) : undefined,
      readOnce(flows, flowId, () => getFlow(deps.table, flowId)),
    ])
    return { pool, deployment, flow }
  }
}

function readOnce<T>(known: Map<string, Promise<T>>, id: string, read: () => Promise<T>): Promise<T> {
  const reading = known.get(id) ?? read()
  known.set(id, reading)
  // One read that failed must not fail the launches of all the others.
  reading.catch(() => known.delete(id))
  return reading
}
