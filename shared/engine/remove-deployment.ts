import type { Deps } from '../deps.ts'
import { DomainError, notFound } from '../errors.ts'
import { blockedPhase } from '../flow-run/phase.ts'
import { deploymentLimit } from '../limit/limit.ts'
import { DELETE_CANCELS_MAX } from '../limits.ts'
import { deleteDeployment } from '../storage/delete-deployment.ts'
import { getRuns } from '../storage/get-run.ts'
import { listPhase } from '../storage/list-phase.ts'
import { listRuns } from '../storage/list-runs.ts'
import { setState } from './set-state.ts'

/** Transitions under way at a time; each is a read and a write. */
const WIDTH = 20

/**
 * Deletes a deployment, then ends its runs that wait, visibly, as CANCELLED. At most DELETE_CANCELS_MAX of them are
 * looked at, so that it fits a request: a run that is left over is cancelled when its turn comes, as a launch and a
 * worker both find the deployment gone. Raises not_found.
 */
export async function removeDeployment(deps: Deps, deploymentId: string): Promise<void> {
  if (!(await deleteDeployment(deps.table, deploymentId))) throw notFound('Deployment', deploymentId)
  const runIds = await waitingRuns(deps, deploymentId)
  for (let at = 0; at < runIds.length; at += WIDTH) {
    await Promise.all(runIds.slice(at, at + WIDTH).map((runId) => cancel(deps, runId)))
  }
  deps.log.info('deployment deleted', { deploymentId, cancelled: runIds.length })
}

/** Those parked under the deployment's limit, and of all its runs those that are due last: waiting runs are among them. */
async function waitingRuns(deps: Deps, deploymentId: string): Promise<string[]> {
  const phase = blockedPhase(deploymentLimit(deploymentId))
  const { rows } = await listPhase(deps.table, { phase, limit: DELETE_CANCELS_MAX })
  const runIds = rows.map((row) => row.runId)
  for await (const { runId } of listRuns(deps.table, { deploymentId, descending: true })) {
    if (runIds.length >= DELETE_CANCELS_MAX) break
    runIds.push(runId)
  }
  const runs = await getRuns(deps.table, runIds)
  return runs.filter((run) => run.state.type === 'SCHEDULED' && !run.claim).map((run) => run.id)
}

/** CANCELLING ends a run that waits at once; one that was claimed just now is stopped before it gives up its slots. */
async function cancel(deps: Deps, runId: string): Promise<void> {
  try {
    await setState(deps, runId, { type: 'CANCELLING', message: 'The deployment of the run was deleted.' })
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'not_found')) throw error
  }
}
