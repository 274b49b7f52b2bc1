import type { Deps, WakeUp } from '#shared/deps.ts'

/**
 * Sends wake-ups after the write that they announce. They are hints: a failure is logged and counted, and the tick does
 * the work a little later, so callers need not handle it.
 */
export async function sendWakeUps(deps: Deps, wakeUps: readonly (WakeUp & { delaySeconds: number })[]): Promise<void> {
  if (wakeUps.length === 0) return
  try {
    await deps.wakeUps.send(wakeUps)
  } catch (error) {
    deps.log.warn('wake-up not sent', { pools: [...new Set(wakeUps.map((one) => one.poolId))], reason: String(error) })
    deps.metrics.count('WakeUpsFailed', wakeUps.length)
  }
}
