import type { DeploymentFilter } from '#shared/deployment/deployment-filter.ts'
import type { FlowFilter } from '#shared/flow/flow-filter.ts'
import type { TaskRunFilter } from '#shared/task-run/task-run-filter.ts'
import type { WorkPoolFilter } from '#shared/work-pool/work-pool-filter.ts'
import type { WorkQueueFilter } from '#shared/work-queue/work-queue-filter.ts'
import type { FlowRun } from './flow-run.ts'
import type { FlowRunFilter } from './flow-run-filter.ts'

/** Filters on a run and on what it belongs to, with the wire's member names. */
export interface ScopeFilters {
  flows?: FlowFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  deployments?: DeploymentFilter | undefined
  work_pools?: WorkPoolFilter | undefined
  work_pool_queues?: WorkQueueFilter | undefined
}

/** What the filters on other things come down to: the ids that a run must have. Left out: any. */
export interface Scope {
  runIds?: ReadonlySet<string> | undefined
  flowIds?: ReadonlySet<string> | undefined
  deploymentIds?: ReadonlySet<string> | undefined
  poolIds?: ReadonlySet<string> | undefined
  queueIds?: ReadonlySet<string> | undefined
}

/** Whether a run, or a deployment, is in the scope. */
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
