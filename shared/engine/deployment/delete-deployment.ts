import { DELETE_CANCELS_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { blockedPhase } from '#shared/flow-run/phase.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import * as storage from '#shared/storage/deployment/delete-deployment.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { listRuns } from '#shared/storage/flow-run/list-runs.ts'
import { listPools } from '#shared/storage/work-pool/list-pools.ts'

/** Transitions under way at a time; each is a read and a write. */
const WIDTH = 20

/**
 * Deletes a deployment and ends its runs that wait, visibly, as CANCELLED. Those parked under its limit come first:
 * once the deployment is gone, nothing wakes them. Of the others at most DELETE_CANCELS_MAX are looked at, so that it
 * fits a request: one that is left over is cancelled when its turn comes, as a launch and a worker both find the
 * deployment gone. May be repeated. Raises not_found, and unfinished (with a request to go on) when more runs are
 * parked than one request can end.
 */
export async function deleteDeployment(deps: Deps, deploymentId: string): Promise<void> {
  const before = await cancelAll(deps, await parkedRuns(deps, deploymentId))
  if (before >= DELETE_CANCELS_MAX) {
    const progress = `${before} of its flow runs were cancelled; more may be waiting for its limit.`
    throw new DomainError('unfinished', `The deployment is being deleted: ${progress} Repeat the request to continue.`)
  }
  if (!(await storage.deleteDeployment(deps.table, deploymentId))) throw notFound('Deployment', deploymentId)
  const after = await cancelAll(deps, await waitingRuns(deps, deploymentId))
  deps.log.info('deployment deleted', { deploymentId, cancelled: before + after })
}

async function parkedRuns(deps: Deps, deploymentId: string): Promise<string[]> {
  const limit = deploymentLimit(deploymentId)
  const poolIds = [null, ...(await listPools(deps.table)).map((pool) => pool.id)]
  const range = { from: `${limit}#`, to: `${limit}#~`, limit: DELETE_CANCELS_MAX }
  const pages = await Promise.all(
    poolIds.map((poolId) => listPhase(deps.table, { phase: blockedPhase(poolId), ...range })),
  )
  return pages.flatMap(({ rows }) => rows.map((row) => row.runId)).slice(0, DELETE_CANCELS_MAX)
}

/** Those that were parked since, and of all its runs those that are due last: waiting runs are among them. */
async function waitingRuns(deps: Deps, deploymentId: string): Promise<string[]> {
  const runIds = await parkedRuns(deps, deploymentId)
  for await (const { runId } of listRuns(deps.table, { deploymentId, descending: true })) {
    if (runIds.length >= DELETE_CANCELS_MAX) break
    runIds.push(runId)
  }
  const runs = await getRunCores(deps.table, runIds)
  return runs.filter(isWaiting).map((run) => run.id)
}

async function cancelAll(deps: Deps, runIds: readonly string[]): Promise<number> {
  for (let at = 0; at < runIds.length; at += WIDTH) {
    await Promise.all(runIds.slice(at, at + WIDTH).map((runId) => cancel(deps, runId)))
  }
  return runIds.length
}

/** CANCELLING ends a run that waits at once; one that was claimed just now is stopped before it gives up its slots. */
async function cancel(deps: Deps, runId: string): Promise<void> {
  try {
    await setState(deps, runId, { type: 'CANCELLING', message: 'The deployment of the run was deleted.' })
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'not_found')) throw error
  }
}
