import type { Clock } from '#shared/deps.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'

/** The time of a world. It stands still but when it is moved; each reading is a microsecond later than the one before. */
export class WorldClock implements Clock {
  #now: Instant = Date.UTC(2026, 0, 15, 12) * 1000

  now(): Instant {
    this.#now += 1
    return this.#now
  }

  /** The time now, which goes on by nobody's reading it. */
  get at(): Instant {
    return this.#now
  }

  /** Moves on to an instant; never back. */
  moveTo(instant: Instant): void {
    this.#now = Math.max(this.#now, instant)
  }

  /** The clock of one machine, which goes before this one or after it. */
  skewed(seconds: number): Clock {
    return { now: () => addSeconds(this.now(), seconds) }
  }
}
