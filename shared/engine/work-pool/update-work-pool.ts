import type { Deps, WakeUp } from '#shared/deps.ts'
import { sendWakeUps } from '#shared/engine/dispatch/send-wake-ups.ts'
import { assertItemSize } from '#shared/engine/job/assert-item-size.ts'
import { assertJobVariables, DEFAULTS_FAILED } from '#shared/engine/job/assert-job-variables.ts'
import { assertLaunchable, assertTemplate } from '#shared/engine/job/assert-template.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { type Limit, poolLimit } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import type { LimitSettings } from '#shared/storage/limit/limit-actions.ts'
import { type PoolChange, updatePool } from '#shared/storage/work-pool/update-pool.ts'
import { isPushPool, isReservedPoolName } from '#shared/work-pool/work-pool.ts'
import { assertUnreservedName } from './assert-unreserved-name.ts'
import { requirePool } from './require-queue.ts'

/**
 * Changes a pool's settings, all or nothing. A pause holds from the moment that this returns; runs that are held go on.
 * Raises not_found, being_deleted, reserved_name, invalid and too_large.
 */
export async function updateWorkPool(
  deps: Deps,
  name: string,
  change: PoolChange,
  settings: LimitSettings,
): Promise<void> {
  if (isReservedPoolName(name) && Object.values(change).some((value) => value !== undefined)) assertUnreservedName(name)
  if (change.baseJobTemplate) assertTemplate(change.baseJobTemplate)
  if (change.storageConfiguration) assertItemSize('storage_configuration', change.storageConfiguration)
  const pool = await requirePool(deps, name)
  if (change.baseJobTemplate) {
    assertLaunchable(pool.type, change.baseJobTemplate)
    await assertJobVariables(deps, DEFAULTS_FAILED, change.baseJobTemplate)
  }
  const key = poolLimit(pool.id)
  const before = (await getLimits(deps.table, [key])).get(key)
  const outcome = await updatePool(deps.table, pool, change, settings, deps.clock.now())
  if (outcome === 'gone') throw notFound('Work pool', name)
  if (outcome === 'deleting') throw new DomainError('being_deleted', `Work pool '${name}' is being deleted.`)
  deps.log.info('work pool changed', { poolId: pool.id, pool: name, ...settings })
  const reason = openingOf(before, settings)
  if (reason && isPushPool(pool.type)) await sendWakeUps(deps, [{ poolId: pool.id, reason, delaySeconds: 0 }])
}

/** Why waiting runs may start after a change of a limit that could not before; null when none can for that. */
export function openingOf(before: Limit | undefined, { limit, paused }: LimitSettings): WakeUp['reason'] | null {
  if (paused === false && before?.paused !== false) return 'resumed'
  if (limit === undefined) return null
  const raised = (limit ?? Infinity) > (before ? (before.limit ?? Infinity) : 0)
  return raised ? 'limit-raised' : null
}
