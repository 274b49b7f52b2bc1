import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { hintRoom } from '#shared/engine/dispatch/hint-room.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { listRuns } from '#shared/storage/flow-run/list-runs.ts'
import { setLimit } from '#shared/storage/limit/change-limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { introduceDeploymentLimit } from './introduce-deployment-limit.ts'

/**
 * The cap that a new deployment's limit can be written with, in one transaction with the deployment. Undefined when it
 * has none, or when a deployment of the same flow and name was there before: then runs of that may still be held.
 */
export async function capAtBirth(deps: Deps, { id, concurrencyLimit }: Deployment): Promise<number | undefined> {
  if (concurrencyLimit === null) return undefined
  const key = deploymentLimit(id)
  if ((await getLimits(deps.table, [key])).has(key)) return undefined
  const first = await listRuns(deps.table, { deploymentId: id, descending: true }).next()
  return first.done ? concurrencyLimit : undefined
}

/**
 * Sets or clears the cap of a deployment that is there. One that had a limit before has been counting ever since, so its
 * cap changes in one write; a first limit has to count what is held already.
 */
export async function setDeploymentLimit(deps: Deps, { id }: Deployment, limit: number | null): Promise<void> {
  const key = deploymentLimit(id)
  if (await setLimit(deps.table, key, limit)) await hintRoom(deps, [key], 'limit-raised')
  else if (limit !== null) await introduceDeploymentLimit(deps, id, limit)
}
