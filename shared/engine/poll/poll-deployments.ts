import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Instant } from '#shared/instant.ts'
import { recordDeploymentPoll } from '#shared/storage/deployment/record-deployment-poll.ts'
import { listScheduledRuns } from './list-scheduled-runs.ts'

/**
 * The runs that a process which serves deployments may try to start, the earliest first. The poll is recorded for the
 * deployments' status; a failure of that is logged, and the poll continues.
 */
export async function pollDeployments(
  deps: Deps,
  query: { deploymentIds: readonly string[]; scheduledBefore?: Instant | undefined; limit: number },
): Promise<FlowRun[]> {
  const deploymentIds = [...new Set(query.deploymentIds)]
  const [found] = await Promise.all([
    listScheduledRuns(deps, { ...query, deploymentIds }),
    recordPolls(deps, deploymentIds),
  ])
  return found.map(({ run }) => run)
}

async function recordPolls(deps: Deps, deploymentIds: readonly string[]): Promise<void> {
  try {
    const now = deps.clock.now()
    await Promise.all(deploymentIds.map((id) => recordDeploymentPoll(deps.table, id, now)))
  } catch (error) {
    deps.log.warn('poll not recorded', { deployments: deploymentIds.length, reason: String(error) })
  }
}
