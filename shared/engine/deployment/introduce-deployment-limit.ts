import type { Deps } from '#shared/deps.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { createDeploymentLimit, raiseEpoch } from '#shared/storage/deployment/introduce-limit.ts'
import { listPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'

/**
 * Gives a deployment that may have runs under way its first limit. Those runs hold no slot of it yet, so the limit starts
 * closed: the sweep lends a slot to each run that is found held, and opens it after a while in which every claim that
 * did not know of it has come to light. Claims made from now on know: each states the pool's epoch under which it looked
 * the limits up, and the epochs are raised here.
 */
export async function introduceDeploymentLimit(deps: Deps, deploymentId: string, limit: number | null): Promise<void> {
  const created = await createDeploymentLimit(deps.table, deploymentLimit(deploymentId), limit, deps.clock.now())
  if (!created) return
  for (const { id } of await listPoolLines(deps.table)) await raiseEpoch(deps.table, id)
}
