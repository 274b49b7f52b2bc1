import type { Instant } from '#shared/instant.ts'
import { type Limit, type LimitKey, poolLimit, queueLimit, refusalOf } from '#shared/limit/limit.ts'

/**
 * When the pool's longest-waiting unblocked run was due: no pause and no full limit of pool or queue (runs that wait
 * for another limit are parked, and in no line). Undefined when no run is due.
 */
export function oldestReady(
  poolId: string,
  lines: readonly { queueId: string; due: Instant }[],
  limits: ReadonlyMap<LimitKey, Limit>,
  now: Instant,
): Instant | undefined {
  const isOpen = (key: LimitKey) => {
    const limit = limits.get(key)
    return limit !== undefined && refusalOf(limit) === null
  }
  if (!isOpen(poolLimit(poolId))) return undefined
  const due = lines.filter((line) => line.due <= now && isOpen(queueLimit(line.queueId))).map((line) => line.due)
  return due.length > 0 ? Math.min(...due) : undefined
}
