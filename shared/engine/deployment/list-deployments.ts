import type { Deployment } from '#shared/deployment/deployment.ts'
import { matchesDeployment } from '#shared/deployment/deployment-filter.ts'
import type { Deps } from '#shared/deps.ts'
import { idsOfRuns } from '#shared/engine/read/list-flow-runs.ts'
import { asks, resolveScope } from '#shared/engine/read/resolve-scope.ts'
import { withQueueNames } from '#shared/engine/read/with-queue-names.ts'
import { isInScope, type ScopeFilters } from '#shared/flow-run/scope.ts'
import * as storage from '#shared/storage/deployment/list-deployments.ts'
import { listFlows } from '#shared/storage/flow/list-flows.ts'

/** Every deployment that matches, by name. With a filter on runs: those that have such a run. */
export async function listDeployments(deps: Deps, filters: ScopeFilters): Promise<Deployment[]> {
  const { deployments: filter = {}, flow_runs: runFilter, task_runs: tasks, ...others } = filters
  const [all, flows, scope, withRuns] = await Promise.all([
    storage.listDeployments(deps.table),
    filter.flow_or_deployment_name ? listFlows(deps.table) : [],
    resolveScope(deps, others),
    asks(runFilter) || asks(tasks) ? idsOfRuns(deps, filters, 'deploymentId') : undefined,
  ])
  const names = new Map(flows.map((flow) => [flow.id, flow.name]))
  const named = filter.work_queue_name ? await withQueueNames(deps, all) : all
  return named.filter(
    (each) =>
      isInScope({ ...each, deploymentId: each.id }, scope) &&
      matchesDeployment(each, filter, names.get(each.flowId) ?? '') &&
      (!withRuns || withRuns.has(each.id)),
  )
}
