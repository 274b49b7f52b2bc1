import type { Deps, WakeUp } from '#shared/deps.ts'
import { type LimitKey, refusalOf, type WaitingPool } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { putRoomHint } from '#shared/storage/limit/room-hints.ts'
import { sendWakeUps } from './send-wake-ups.ts'

/**
 * Says to those who hand out runs that limits may have room for runs that wait for them: to the dispatcher by a wake-up
 * that names the limit, to workers by a hint that their next poll follows. A failure is logged: the sweep goes through
 * the runs that wait for limits as well. Nothing is sent to a push pool that is woken by the caller.
 */
export async function hintRoom(
  deps: Deps,
  keys: readonly LimitKey[],
  reason: WakeUp['reason'],
  wokenPoolId?: string,
): Promise<void> {
  if (keys.length === 0) return
  try {
    for (const limit of (await getLimits(deps.table, keys)).values()) {
      if (refusalOf(limit) !== null) continue
      for (const pool of limit.waitsIn) if (pool.poolId !== wokenPoolId) await hint(deps, pool, limit.key, reason)
    }
  } catch (error) {
    deps.log.warn('room of limits not announced', { limits: keys, reason: String(error) })
  }
}

/** Says to those who hand out runs in a pool that a limit may have room. */
export async function hint(
  deps: Deps,
  { poolId, push }: WaitingPool,
  limit: LimitKey,
  reason: WakeUp['reason'],
): Promise<void> {
  if (push) await sendWakeUps(deps, [{ poolId, reason, limits: [limit], delaySeconds: 0 }])
  else await putRoomHint(deps.table, poolId, { limit, stamp: deps.ids.token() })
}
