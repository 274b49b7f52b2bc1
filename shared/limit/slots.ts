import { deploymentLimit, type Limit, type LimitKey, poolLimit, queueLimit } from './limit.ts'

/**
 * The slots that a claim of a run takes: its pool's and queue's always, so that a limit set later counts right from the
 * start, and its deployment's where that has a limit. `limits` holds what was read of the deployments' limits.
 */
export function slotsOf(
  run: { poolId: string | null; queueId: string | null; deploymentId: string | null },
  limits: ReadonlyMap<LimitKey, Limit>,
): LimitKey[] {
  const deployment = run.deploymentId === null ? undefined : deploymentLimit(run.deploymentId)
  return [
    ...(run.poolId === null ? [] : [poolLimit(run.poolId)]),
    ...(run.queueId === null ? [] : [queueLimit(run.queueId)]),
    ...(deployment && limits.has(deployment) ? [deployment] : []),
  ]
}
