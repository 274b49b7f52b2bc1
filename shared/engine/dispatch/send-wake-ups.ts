import type { DelayedWakeUp, Deps } from '#shared/deps.ts'

/**
 * Sends wake-ups after the write that they announce. They are hints: a failure is logged and counted, and the tick does
 * the work a little later, so callers need not handle it. Returns whether they are under way.
 */
export async function sendWakeUps(deps: Deps, wakeUps: readonly DelayedWakeUp[]): Promise<boolean> {
  if (wakeUps.length === 0) return true
  try {
    await deps.wakeUps.send(wakeUps)
    return true
  } catch (error) {
    const subjects = new Set(wakeUps.map((one) => ('count' in one ? one.count : one.poolId)))
    deps.log.warn('wake-up not sent', { subjects: [...subjects], reason: String(error) })
    deps.metrics.count('WakeUpsFailed', wakeUps.length)
    return false
  }
}
