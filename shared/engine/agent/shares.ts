import type { Changes } from '#shared/deps.ts'

/** Agents that are remembered; those that were given nothing for longest are forgotten. */
const AGENTS_MAX = 1_000
/** One that was full or away for long is not given everything until it has as many as the others. */
const BEHIND_MAX = 10
/** More than any agent has at once. */
const LOAD_MAX = 1_000_000

/**
 * How many runs of one pool each agent was given, so that of those that wait, the one that was given fewest hears of work
 * first, and of equals the one that has the fewest: equal agents get equal shares.
 */
export class Shares {
  readonly #given = new Map<string, number>()
  /** The most that one was given. */
  #most = 0

  /** An agent was given so many runs more. */
  note(id: string, runs: number): void {
    const given = this.#givenTo(id) + runs
    this.#given.delete(id)
    this.#given.set(id, given)
    this.#most = Math.max(this.#most, given)
    const [oldest] = this.#given.keys()
    if (this.#given.size > AGENTS_MAX && oldest !== undefined) this.#given.delete(oldest)
  }

  /** Where an agent stands that has so many runs now: those with less are before it. */
  rankOf(id: string, load: number): number {
    return this.#givenTo(id) * LOAD_MAX + load
  }

  /** A new one begins as if it had been given as many as any. */
  #givenTo(id: string): number {
    return Math.max(this.#given.get(id) ?? this.#most, this.#most - BEHIND_MAX)
  }
}

const shares = new WeakMap<Changes, Map<string, Shares>>()

/** The shares of a pool, as far as this process knows: where calls can wait, it is the only one. */
export function sharesOf(changes: Changes, poolName: string): Shares {
  const byPool = shares.get(changes) ?? new Map<string, Shares>()
  shares.set(changes, byPool)
  const found = byPool.get(poolName) ?? new Shares()
  byPool.set(poolName, found)
  return found
}
