import { idFromName } from '#shared/ids.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import type { LimitKey } from './limit.ts'

/**
 * A limit that running code acquires by name (Prefect's global concurrency limits), or that tasks with a tag are held
 * to. Holders of its slots have a lease, or release them on their own; flow runs are not involved.
 */
export interface GlobalLimit {
  /** Derived from the name, so the name can't change. */
  id: string
  name: string
  limit: number
  /** A limit that is not in force blocks and counts no holders. */
  inForce: boolean
  /** Slots that become free each second, which makes it a rate limit. */
  decayPerSecond: number
  /** Slots in use as of `countedAt`; with a decay they have become fewer since, and may be a fraction. */
  active: number
  countedAt: Instant
  /** Without decay: the part of `active` that was taken without a lease, and is given back by number. */
  loose: number
  /** How many slots leases hold, which no decay makes fewer. */
  leased: number
  /** For how long leases held its slots, and how many leases that were: the expected wait for one. */
  heldSeconds: number
  releases: number
  /** Counts the writes. */
  moves: number
  created: Instant
  updated: Instant
}

/** The id of the limit of that name. */
export function globalLimitId(name: string): string {
  return idFromName('global-limit', name)
}

/** The key of its item, in the form of other limits'. */
export function globalLimitKey(limitId: string): LimitKey {
  return `global#${limitId}`
}

const TAG_PREFIX = 'tag:'

/** The name of the limit on tasks with a tag (a rule of Prefect's API). */
export function tagLimitName(tag: string): string {
  return TAG_PREFIX + tag
}

/** The tag that a limit is on; undefined for one that is on none. */
export function tagOf(limit: Pick<GlobalLimit, 'name'>): string | undefined {
  return limit.name.startsWith(TAG_PREFIX) ? limit.name.slice(TAG_PREFIX.length) : undefined
}

/** The slots that are in use now, the decayed ones taken off. */
export function activeAt({ active, countedAt, decayPerSecond }: GlobalLimit, now: Instant): number {
  return Math.max(0, active - decayPerSecond * Math.max(0, secondsBetween(countedAt, now)))
}

/** Seconds to wait where nothing is known, and the longest wait (Prefect's tag_concurrency_slot_wait_seconds). */
const WAIT_SECONDS = { unknown: 2, min: 0.2, max: 30 }

/**
 * Seconds after which to retry acquiring slots of full limits. Spread by `random`, from 0 up to but not including 1, so
 * that waiters don't retry all at once.
 */
export function retryAfterSeconds(full: readonly GlobalLimit[], slots: number, now: Instant, chance: number): number {
  const waits = full.map((limit) => {
    const missing = activeAt(limit, now) + slots - limit.limit
    if (limit.decayPerSecond > 0) return missing / limit.decayPerSecond
    const held = limit.releases === 0 ? WAIT_SECONDS.unknown : limit.heldSeconds / limit.releases
    return (held * missing) / Math.max(1, limit.limit)
  })
  const spread = 0.7 + 0.6 * chance
  return Math.min(WAIT_SECONDS.max, Math.max(WAIT_SECONDS.min, ...waits)) * spread
}
