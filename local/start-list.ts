import type { Log } from '#shared/deps.ts'

/** Started parts, to be stopped in reverse order. */
export class StartList {
  readonly #log: Log
  readonly #started: { name: string; stop: () => unknown }[] = []

  constructor(log: Log) {
    this.#log = log
  }

  /** Notes how to stop something that has just been started. */
  add(name: string, stop: () => unknown): void {
    this.#started.push({ name, stop })
  }

  /** Stops everything, latest first; a failure does not keep the rest running. */
  async stop(): Promise<void> {
    for (let next = this.#started.pop(); next; next = this.#started.pop()) {
      try {
        await next.stop()
      } catch (error) {
        this.#log.error('a part of the service did not stop', { part: next.name, reason: String(error) })
      }
    }
  }
}
