import type { Instant } from '#shared/instant.ts'

/**
 * What is known of a pool wherever runs are looked for by pool: a small item beside the pool's own, which it outlives.
 * A deleted pool's lines stay known until they are empty, so that every run that waits in one is found.
 */
export interface PoolLines {
  id: string
  name: string
  /** Whether the dispatcher serves it. */
  push: boolean
  life: string
  /** As the pool has it. */
  silentWorkerMinutes: number | null
  /** Null while the pool exists. */
  deletedAt: Instant | null
}

/** How long the lines of a deleted pool stay known at least: requests that saw the pool, and lagging indexes, are over by then. */
export const LINES_KEPT_SECONDS = 15 * 60
