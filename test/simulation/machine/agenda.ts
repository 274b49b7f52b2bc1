import type { Instant } from '#shared/instant.ts'

interface Entry {
  at: Instant
  /** Ties are in the order of their making. */
  number: number
  act: () => void
}

/** What happens when in a world. */
export class Agenda {
  #entries: Entry[] = []
  #made = 0

  add(at: Instant, act: () => void): void {
    this.#made += 1
    this.#entries.push({ at, number: this.#made, act })
  }

  get nextAt(): Instant | null {
    return this.#entries.reduce<Instant | null>((next, { at }) => (next === null ? at : Math.min(next, at)), null)
  }

  /** Does everything due, in the order of time. */
  runDue(now: Instant): void {
    const due = this.#entries.filter(({ at }) => at <= now)
    if (due.length === 0) return
    this.#entries = this.#entries.filter(({ at }) => at > now)
    for (const { act } of due.toSorted((a, b) => a.at - b.at || a.number - b.number)) act()
  }
}
