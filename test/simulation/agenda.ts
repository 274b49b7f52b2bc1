import type { Instant } from '#shared/instant.ts'

/** What happens when in a simulation. */
export class Agenda {
  #entries: { at: Instant; act: () => void }[] = []

  add(at: Instant, act: () => void): void {
    this.#entries.push({ at, act })
  }

  get nextAt(): Instant | null {
    return this.#entries.length === 0 ? null : Math.min(...this.#entries.map((entry) => entry.at))
  }

  /** Does everything due, in chronological order. */
  runDue(now: Instant): void {
    const due = this.#entries.filter((entry) => entry.at <= now).toSorted((a, b) => a.at - b.at)
    this.#entries = this.#entries.filter((entry) => entry.at > now)
    for (const { act } of due) act()
  }
}
