import type { Deps } from '#shared/deps.ts'
import { unblockRuns } from '#shared/engine/dispatch/unblock-runs.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { listDeployments } from '#shared/storage/deployment/list-deployments.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

/** Puts parked runs back in line where their deployment's limit has room. Returns how many. */
export async function unblockAllRuns(deps: Deps): Promise<number> {
  const deployments = await listDeployments(deps.table)
  const keys = deployments.map((deployment) => deploymentLimit(deployment.id))
  let unblocked = 0
  for (const key of (await getLimits(deps.table, keys)).keys()) unblocked += await unblockRuns(deps, key)
  return unblocked
}
