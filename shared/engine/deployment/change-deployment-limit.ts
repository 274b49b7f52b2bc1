import { LOOKS_APART_SECONDS } from '#shared/bounds.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { hintRoom } from '#shared/engine/dispatch/hint-room.ts'
import { sendWakeUps } from '#shared/engine/dispatch/send-wake-ups.ts'
import { errorFields } from '#shared/errors.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { isLookedAfter } from '#shared/storage/deletion/is-looked-after.ts'
import { listRuns } from '#shared/storage/flow-run/list-runs.ts'
import type { DeploymentLimitChange } from '#shared/storage/limit/deployment-limit-actions.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { openLimit } from '#shared/storage/limit/open-limit.ts'

/**
 * What a change of a deployment changes of its limit; undefined when that is nothing. A deployment that had a limit
 * before has been counting ever since; a first limit has to count what is held.
 */
export async function limitChangeOf(
  deps: Deps,
  before: Deployment | undefined,
  after: Deployment,
): Promise<DeploymentLimitChange | undefined> {
  const { id, concurrencyLimit: limit, collisionStrategy } = after
  if (before && before.concurrencyLimit === limit && before.collisionStrategy === collisionStrategy) return undefined
  const key = deploymentLimit(id)
  const existing = (await getLimits(deps.table, [key])).get(key)
  if (!existing && limit === null) return undefined
  const change = { before: existing, limit, cancelNew: collisionStrategy === 'CANCEL_NEW' }
  if (existing) return { ...change, countingSince: limit === null ? null : existing.countingSince }
  return { ...change, countingSince: deps.clock.now() }
}

/** What follows a stored change of a limit. Nothing here can fail the caller: the sweep goes on where this ended. */
export async function applyLimitChange(
  deps: Deps,
  { id, isNew }: { id: string; isNew: boolean },
  change: DeploymentLimitChange,
): Promise<void> {
  const key = deploymentLimit(id)
  if (change.before) await hintRoom(deps, [key], 'limit-raised')
  if (change.countingSince === null) return
  try {
    if (isNew && !change.before && (await openUncounted(deps, id, change))) return
    // Sent before the first look, which may be cut short.
    await sendWakeUps(deps, [{ count: key, reason: 'count', delaySeconds: LOOKS_APART_SECONDS + 1 }])
    // Its code is seldom needed, and need not be read at each start.
    const { countHolders } = await import('./count-holders.ts')
    await countHolders(deps, key)
  } catch (error) {
    deps.log.warn('first look of a limit cut short', { limit: key, ...errorFields(error) })
  }
}

/**
 * Opens the first limit of a new deployment at once, where no run can be held: there was none of the same flow and name
 * before. One that was deleted is remembered until its runs are sure to be listed. Found out once the deployment is there,
 * as no other can come and go any more.
 */
async function openUncounted(deps: Deps, id: string, change: DeploymentLimitChange): Promise<boolean> {
  if (await isLookedAfter(deps.table, 'deployment', id)) return false
  if (!(await listRuns(deps.table, { deploymentId: id, descending: true }).next()).done) return false
  return await openLimit(deps.table, { ...change, key: deploymentLimit(id), lookedAt: null })
}
