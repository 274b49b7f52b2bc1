import type { DeploymentFilter } from '../deployment/deployment-filter.ts'
import { type AnyOf, combine, matchesAny, type Operator } from '../filter/criterion.ts'
import type { FlowFilter } from '../flow/flow-filter.ts'
import type { WorkPool } from '../work-pool/work-pool.ts'
import type { WorkQueue } from '../work-queue/work-queue.ts'
import type { FlowRun } from './flow-run.ts'
import type { FlowRunFilter } from './flow-run-filter.ts'

interface WorkPoolScope {
  operator?: Operator
  id?: AnyOf
  name?: AnyOf
  type?: AnyOf
}
interface WorkQueueScope {
  operator?: Operator
  id?: AnyOf
  name?: { any_?: readonly string[]; startswith_?: readonly string[] }
}

/** Filters on a run and on what it belongs to, with the wire's member names. */
export interface ScopeFilters {
  flows?: FlowFilter
  flow_runs?: FlowRunFilter
  deployments?: DeploymentFilter
  work_pools?: WorkPoolScope
  work_pool_queues?: WorkQueueScope
}

/** What the filters on other things come down to: the ids that a run must have. Left out: any. */
export interface Scope {
  flowIds?: ReadonlySet<string>
  deploymentIds?: ReadonlySet<string>
  poolIds?: ReadonlySet<string>
  queueIds?: ReadonlySet<string>
}

/** Whether a run, or a deployment, belongs to what was asked for. */
export function isInScope(
  thing: Pick<FlowRun, 'flowId' | 'poolId' | 'queueId'> & { deploymentId: string | null },
  scope: Scope,
): boolean {
  const { flowIds, deploymentIds, poolIds, queueIds } = scope
  const within = (ids: ReadonlySet<string> | undefined, id: string | null) => !ids || (id !== null && ids.has(id))
  return (
    within(flowIds, thing.flowId) &&
    within(deploymentIds, thing.deploymentId) &&
    within(poolIds, thing.poolId) &&
    within(queueIds, thing.queueId)
  )
}

export function matchesPool(pool: Pick<WorkPool, 'id' | 'name' | 'type'>, scope: WorkPoolScope): boolean {
  return combine(scope.operator, [
    matchesAny(pool.id, scope.id),
    matchesAny(pool.name, scope.name),
    matchesAny(pool.type, scope.type),
  ])
}

export function matchesQueue(queue: Pick<WorkQueue, 'id' | 'name'>, scope: WorkQueueScope): boolean {
  const { any_, startswith_ } = scope.name ?? {}
  const name = queue.name.toLowerCase()
  return combine(scope.operator, [
    matchesAny(queue.id, scope.id),
    any_ && any_.includes(queue.name),
    startswith_ && startswith_.some((prefix) => name.startsWith(prefix.toLowerCase())),
  ])
}
