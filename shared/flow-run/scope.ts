import type { DeploymentFilter } from '#shared/deployment/deployment-filter.ts'
import type { FlowFilter } from '#shared/flow/flow-filter.ts'
import type { TaskRunFilter } from '#shared/task-run/task-run-filter.ts'
import type { WorkPoolFilter } from '#shared/work-pool/work-pool-filter.ts'
import type { WorkQueueFilter } from '#shared/work-queue/work-queue-filter.ts'
import type { FlowRun } from './flow-run.ts'
import type { FlowRunFilter } from './flow-run-filter.ts'

/** Filters on a run and on what it belongs to, with the wire's member names. */
export interface ScopeFilters {
  flows?: FlowFilter
  flow_runs?: FlowRunFilter
  task_runs?: TaskRunFilter
  deployments?: DeploymentFilter
  work_pools?: WorkPoolFilter
  work_pool_queues?: WorkQueueFilter
}

/** What the filters on other things come down to: the ids that a run must have. Left out: any. */
export interface Scope {
  runIds?: ReadonlySet<string>
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
