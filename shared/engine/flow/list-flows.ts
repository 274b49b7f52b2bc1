import type { Deps } from '#shared/deps.ts'
import { listDeployments } from '#shared/engine/deployment/list-deployments.ts'
import { idsOfRuns } from '#shared/engine/read/list-flow-runs.ts'
import { asks } from '#shared/engine/read/resolve-scope.ts'
import type { Flow } from '#shared/flow/flow.ts'
import { matchesFlow } from '#shared/flow/flow-filter.ts'
import type { ScopeFilters } from '#shared/flow-run/scope.ts'
import * as deploymentStorage from '#shared/storage/deployment/list-deployments.ts'
import * as storage from '#shared/storage/flow/list-flows.ts'

/**
 * Every flow that matches, by name. With filters on deployments, pools or queues: those with such a deployment; with one
 * on runs: those that have such a run.
 */
export async function listFlows(deps: Deps, filters: ScopeFilters): Promise<Flow[]> {
  const { flows: filter = {}, flow_runs: runFilter, task_runs: tasks, ...others } = filters
  const asksOthers = Object.values(others).some(asks)
  const [all, deployments, wanted, withRuns] = await Promise.all([
    storage.listFlows(deps.table),
    filter.deployment ? deploymentStorage.listDeployments(deps.table) : [],
    asksOthers ? listDeployments(deps, others) : undefined,
    asks(runFilter) || asks(tasks) ? idsOfRuns(deps, filters, 'flowId') : undefined,
  ])
  const deployed = new Set(deployments.map((each) => each.flowId))
  const ofDeployments = wanted && new Set(wanted.map((each) => each.flowId))
  return all.filter(
    (flow) =>
      matchesFlow(flow, filter, deployed) &&
      (!ofDeployments || ofDeployments.has(flow.id)) &&
      (!withRuns || withRuns.has(flow.id)),
  )
}
