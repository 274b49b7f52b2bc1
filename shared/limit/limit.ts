import type { Instant } from '#shared/instant.ts'

/** Names one limit: `pool#<id>`, `queue#<id>`, `deployment#<id>` or `global#<id>`. */
export type LimitKey = `${'pool' | 'queue' | 'deployment' | 'global'}#${string}`

/**
 * A cap on how many runs may be held at once, and the count. `available` is stored, not computed, because DynamoDB
 * conditions allow no arithmetic; it goes below zero while a lowered limit waits for holders to end.
 */
export interface Limit {
  key: LimitKey
  /** null: no cap. The holders are counted all the same, so that a cap can be set at any time and be exact. */
  limit: number | null
  active: number
  available: number
  paused: boolean
  deleting: boolean
  /**
   * On a pool: rises when a deployment in use gets its first limit. A claim states the epoch under which it looked up
   * the deployments' limits, so none commits that has not seen the new one.
   */
  epoch: number
  /** Since when a new limit of a deployment in use counts its holders; with a cap, it is paused until that is done. */
  countingSince: Instant | null
  /** When the first look for its holders was done; until then, not all pools' epochs may be raised yet. */
  lookedAt: Instant | null
  /** On a deployment: whether its runs are cancelled that fall due while the limit is full (CANCEL_NEW). */
  cancelNew: boolean
  /** Counts the claims and releases, so that "nothing happened in between" can be detected. */
  moves: number
  /** The drift that a sweep found, when, and the moves at that time; repaired when a later one finds them the same. */
  driftNoted: { drift: number; moves: number; since: Instant } | null
  /** On a deployment's limit: the pools in which runs have waited for it. */
  waitsIn: WaitingPool[]
}

/** A pool in which runs wait for a limit, and whether a dispatcher serves it. */
export interface WaitingPool {
  poolId: string
  push: boolean
}

/** Represents "no cap" in `available`; far above any count, far below the end of exact integers. */
export const UNLIMITED = 1_000_000_000_000

export const CONCURRENCY_LIMIT_MAX = 1_000_000_000

/** The key of a work pool's limit. */
export function poolLimit(poolId: string): LimitKey {
  return `pool#${poolId}`
}

/** The key of a work queue's limit. */
export function queueLimit(queueId: string): LimitKey {
  return `queue#${queueId}`
}

/** The key of a deployment's limit. */
export function deploymentLimit(deploymentId: string): LimitKey {
  return `deployment#${deploymentId}`
}

/** The value of `available` for a cap and a count. */
export function availableOf(limit: number | null, active: number): number {
  return (limit ?? UNLIMITED) - active
}

/** A limit as one without a cap or holders is. */
export function unlimited(key: LimitKey): Limit {
  return {
    key,
    limit: null,
    active: 0,
    available: UNLIMITED,
    paused: false,
    deleting: false,
    epoch: 0,
    countingSince: null,
    lookedAt: null,
    cancelNew: false,
    moves: 0,
    driftNoted: null,
    waitsIn: [],
  }
}

export type LimitRefusal = 'counting' | 'paused' | 'deleting' | 'full'

/** Why a limit would refuse one more run now, or null when it would not. */
export function refusalOf(limit: Limit): LimitRefusal | null {
  if (limit.deleting) return 'deleting'
  if (limit.paused) return limit.countingSince === null ? 'paused' : 'counting'
  return limit.available > 0 ? null : 'full'
}
