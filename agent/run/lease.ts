import { hostSeconds } from '#shared/process/host-clock.ts'

/** Until when, on the host's clock, the agent's hold on its runs counts without another answer. */
export class Lease {
  #until = 0
  #renewals = 0
  #lapses = 0
  #waiting: (() => void)[] = []

  get until(): number {
    return this.#until
  }

  get secondsLeft(): number {
    return Math.max(0, this.#until - hostSeconds())
  }

  get renewals(): number {
    return this.#renewals
  }

  /** How often it ran out so far: what lives through another count was ended by the watcher, or will be. */
  get lapses(): number {
    return this.#lapses + (this.secondsLeft === 0 ? 1 : 0)
  }

  /** It counts until then, in hostSeconds. */
  renew(until: number): void {
    if (this.secondsLeft === 0) this.#lapses += 1
    this.#until = until
    this.#renewals += 1
    if (this.secondsLeft === 0) return
    for (const go of this.#waiting.splice(0)) go()
  }

  /** Waits until it counts; ends early, without an error, when the signal does. */
  async untilHeld(signal: AbortSignal): Promise<void> {
    while (this.secondsLeft === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
}
