import { type Instant, secondsBetween } from '#shared/instant.ts'

/**
 * A token bucket for launches. It lives in the memory of one dispatcher, and at most two of those run at once, so each
 * gets half of what AWS allows the account (Fargate: 20 launches a second, burst 100); a shared one would cost a write
 * per launch. When the guess is off, ECS throttles, and that is handled as well.
 */
export class LaunchBucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #at: Instant | null = null

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
  }

  /** How many launches are allowed now. */
  available(now: Instant): number {
    const passed = this.#at === null ? 0 : Math.max(0, secondsBetween(this.#at, now))
    this.#tokens = Math.min(this.#burst, this.#tokens + passed * this.#perSecond)
    this.#at = now
    return Math.floor(this.#tokens)
  }

  /** Spends tokens for launches that were made. */
  spend(launches: number): void {
    this.#tokens -= launches
  }
}
