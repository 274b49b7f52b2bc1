import type { Instant } from '#shared/instant.ts'

interface Entry {
  at: Instant
  act: () => void
}

/** What happens when in a world. */
export class Agenda {
  /** In the order of time. */
  readonly #entries: Entry[] = []

  /** Of what happens at the same time, the first that was added is the first. */
  add(at: Instant, act: () => void): void {
    const behind = this.#entries.findLastIndex((entry) => entry.at <= at)
    this.#entries.splice(behind + 1, 0, { at, act })
  }

  get nextAt(): Instant | null {
    return this.#entries[0]?.at ?? null
  }

  /** Does everything due, in the order of time. */
  runDue(now: Instant): void {
    const later = this.#entries.findIndex(({ at }) => at > now)
    const due = this.#entries.splice(0, later < 0 ? this.#entries.length : later)
    for (const { act } of due) act()
  }
}
