/** A world in which something once went wrong, or may, so that it always runs. */
export interface KnownSeed {
  seed: number
  profile: string
  /** What happens in it. */
  story: string
  /** Why it stays. */
  why: string
}

/** A seed that fails joins these in the commit that makes it pass. */
export const KNOWN_SEEDS: readonly KnownSeed[] = []
