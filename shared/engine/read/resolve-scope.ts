import { matchesDeployment } from '#shared/deployment/deployment-filter.ts'
import type { Deps } from '#shared/deps.ts'
import { matchesFlow } from '#shared/flow/flow-filter.ts'
import type { Scope, ScopeFilters } from '#shared/flow-run/scope.ts'
import { listDeployments } from '#shared/storage/deployment/list-deployments.ts'
import { listFlows } from '#shared/storage/flow/list-flows.ts'
import { listPools } from '#shared/storage/work-pool/list-pools.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { matchesPool } from '#shared/work-pool/work-pool-filter.ts'
import { matchesQueue } from '#shared/work-queue/work-queue-filter.ts'
import { withQueueNames } from './with-queue-names.ts'

type Filters = Omit<ScopeFilters, 'flow_runs' | 'task_runs'>

/** Turns filters on flows, deployments, pools and queues into the ids that they stand for. */
export async function resolveScope(deps: Deps, filters: Filters): Promise<Scope> {
  const [flowIds, deploymentIds, places] = await Promise.all([
    listFlowsInScope(deps, filters),
    listDeploymentsInScope(deps, filters),
    listPlaces(deps, filters),
  ])
  return { flowIds, deploymentIds, ...places }
}

/** True when a filter has a member that restricts something. */
export function asks(filter: object | undefined): boolean {
  return (
    filter !== undefined &&
    Object.entries(filter).some(([name, value]) => name !== 'operator' && value !== undefined && value !== null)
  )
}

/** The ids themselves, where a filter names nothing else: then there is nothing to look up. */
function idsAlone(filter: {
  id?: { any_?: readonly string[] | undefined; not_any_?: readonly string[] | undefined } | undefined
}): Set<string> | undefined {
  const { id, ...rest } = filter
  return id?.any_ && !id.not_any_ && !asks(rest) ? new Set(id.any_) : undefined
}

async function listFlowsInScope(deps: Deps, { flows: filter }: Filters): Promise<Set<string> | undefined> {
  if (!filter || !asks(filter)) return undefined
  const named = idsAlone(filter)
  if (named) return named
  const deployments = filter.deployment ? await listDeployments(deps.table) : []
  const deployed = new Set(deployments.map((deployment) => deployment.flowId))
  const flows = await listFlows(deps.table)
  return new Set(flows.filter((flow) => matchesFlow(flow, filter, deployed)).map((flow) => flow.id))
}

async function listDeploymentsInScope(deps: Deps, { deployments: filter }: Filters): Promise<Set<string> | undefined> {
  if (!filter || !asks(filter)) return undefined
  const named = idsAlone(filter)
  if (named) return named
  const [deployments, flows] = await Promise.all([
    listDeployments(deps.table),
    filter.flow_or_deployment_name ? listFlows(deps.table) : [],
  ])
  const names = new Map(flows.map((flow) => [flow.id, flow.name]))
  const current = filter.work_queue_name ? await withQueueNames(deps, deployments) : deployments
  const matching = current.filter((each) => matchesDeployment(each, filter, names.get(each.flowId) ?? ''))
  return new Set(matching.map((each) => each.id))
}

async function listPlaces(
  deps: Deps,
  { work_pools: poolFilter, work_pool_queues: queueFilter }: Filters,
): Promise<Pick<Scope, 'poolIds' | 'queueIds'>> {
  const asksPool = poolFilter !== undefined && asks(poolFilter)
  const asksQueue = queueFilter !== undefined && asks(queueFilter)
  if (!asksPool && !asksQueue) return {}
  const all = await listPools(deps.table)
  const pools = asksPool ? all.filter((pool) => matchesPool(pool, poolFilter)) : all
  const poolIds = asksPool ? new Set(pools.map((pool) => pool.id)) : undefined
  if (!asksQueue) return { poolIds }
  const queues = (await Promise.all(pools.map((pool) => listQueues(deps.table, pool.id)))).flat()
  return {
    poolIds,
    queueIds: new Set(queues.filter((queue) => matchesQueue(queue, queueFilter)).map((queue) => queue.id)),
  }
}
