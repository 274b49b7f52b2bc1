import type { Deps } from '#shared/deps.ts'
import { sendWakeUps } from '#shared/engine/dispatch/send-wake-ups.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { countHolders } from './count-holders.ts'

/** Takes the next step of a limit that counts its holders, and has the one after it taken in time. True when it is open. */
export async function continueCount(deps: Deps, key: LimitKey): Promise<boolean> {
  const delaySeconds = await countHolders(deps, key)
  if (delaySeconds !== null) await sendWakeUps(deps, [{ count: key, reason: 'count', delaySeconds }])
  return delaySeconds === null
}
