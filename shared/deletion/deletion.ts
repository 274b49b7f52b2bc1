import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'

/**
 * A deletion that takes several writes. It is written down with the first of them, and forgotten after the last, so that
 * the sweep finishes it when the request that began it was cut short. It names the life that it means.
 */
export interface Deletion {
  kind: 'run' | 'pool' | 'queue' | 'deployment'
  id: string
  life: string
  /** The pool of a queue. */
  poolId?: string | undefined
  /** What people know it by; a run needs no name, as it is gone already. */
  name?: string | undefined
  /** When the sweep looks at it. */
  due: Instant
  /** Where a look for its runs that was too long for one request goes on. */
  from?: { phase: string; sort: string } | undefined
}

/** The sweep leaves the request this long to finish by itself. */
export const DELETION_GRACE_SECONDS = 30
/** After a failure the others come first. */
export const DELETION_BACKOFF_SECONDS = 10 * 60

/**
 * Whether whoever could add something must have been done for longer than an index lags: a look then misses nothing, so it
 * is the last one.
 */
export function isLastLook({ due }: Deletion, now: Instant): boolean {
  return secondsBetween(due, now) >= INDEX_LAG_SECONDS_MAX
}
