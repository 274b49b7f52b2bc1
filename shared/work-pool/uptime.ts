import type { Instant } from '#shared/instant.ts'
import { secondsBetween } from '#shared/instant.ts'

/** Since when the service has been there to be called, and which pools end what silent workers hold. */
export interface Uptime {
  since: Instant
  /** The last tick that found the service answering. */
  at: Instant
  /** By pool: after how many minutes, and since when that figure holds. */
  pools: Record<string, { minutes: number; from: Instant }>
}

/** A longer gap between two ticks means that the service stood still: calls may have been lost then. */
const GAP_SECONDS = 150

/** The uptime as of a tick. A service that does not answer, or has not ticked for a while, is up from now on. */
export function nextUptime(
  before: Uptime | undefined,
  now: Instant,
  { answers, minutesOf }: { answers: boolean; minutesOf: ReadonlyMap<string, number> },
): Uptime {
  const goesOn = before !== undefined && answers && secondsBetween(before.at, now) <= GAP_SECONDS
  const pools = [...minutesOf].map(([poolId, minutes]) => {
    const known = before?.pools[poolId]
    return [poolId, known?.minutes === minutes ? known : { minutes, from: now }] as const
  })
  return { since: goesOn ? before.since : now, at: now, pools: Object.fromEntries(pools) }
}
