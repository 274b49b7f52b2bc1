import type { Deps } from '#shared/deps.ts'
import { listFlowRuns } from '#shared/engine/read/list-flow-runs.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { listDeployments } from '#shared/storage/deployment/list-deployments.ts'
import * as storage from '#shared/storage/flow/delete-flow.ts'
import { getFlow } from '#shared/storage/flow/get-flow.ts'

/**
 * Deletes a flow that nothing refers to any more. Prefect deletes its deployments and runs with it; here that could be
 * more than one request can do, and half of it would leave runs whose flow no client can read. Raises not_found and
 * in_use, and too_broad when there are too many runs to find out.
 */
export async function deleteFlow(deps: Deps, flowId: string): Promise<void> {
  const flow = await getFlow(deps.table, flowId)
  if (!flow) throw notFound('Flow', flowId)
  const deployment = (await listDeployments(deps.table)).find((each) => each.flowId === flowId)
  if (deployment)
    throw new DomainError('in_use', `The flow still has the deployment '${deployment.name}'; delete it first.`)
  const flows = { id: { any_: [flowId] } }
  const [run] = await listFlowRuns(deps, { filters: { flows }, offset: 0, limit: 1 })
  if (run) throw new DomainError('in_use', `The flow still has flow runs, such as '${run.id}'; delete them first.`)
  if (!(await storage.deleteFlow(deps.table, flow))) throw notFound('Flow', flowId)
  deps.log.info('flow deleted', { flowId })
}
