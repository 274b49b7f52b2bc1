import type { Client } from '#shared/client/create-client.ts'
import type { Api } from './api.ts'
import { backoffSeconds } from './backoff.ts'
import { isKeyRefused, isOwnFailure, mayPass } from './failure.ts'
import { pause } from './pause.ts'

const BACKOFF_SECONDS = { first: 0.1, max: 5 }
/** So many calls are under way at once, or wait to be repeated; the others wait behind them. */
const CALLS_MAX = 16

/** A request that the service itself fails at so often will not do better; others must not wait for it for ever. */
const OWN_FAILURES_MAX = 20

/**
 * Delivers what must arrive, however long the service is away: a call is repeated, unchanged, until it is answered. Those
 * who call one after the other, as all do who report of one run, are served in that order.
 */
export class Courier {
  readonly #api: Api
  readonly #backoff: { first: number; max: number }
  readonly #waiting: (() => void)[] = []
  #calls = 0

  constructor(api: Api, backoff = BACKOFF_SECONDS) {
    this.#api = api
    this.#backoff = backoff
  }

  /** The answer to a call that may be repeated. Throws an error that does not pass, and the signal's reason. */
  async send<T>(call: (client: Client) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      await this.#take()
      try {
        signal?.throwIfAborted()
        return await call(this.#api.client)
      } catch (error) {
        signal?.throwIfAborted()
        if (!mayPass(error) || (isOwnFailure(error) && failures >= OWN_FAILURES_MAX)) throw error
        const another = isKeyRefused(error) && this.#api.readKeyAgain()
        // The place is kept meanwhile, so that a service in trouble is called by a few and not by all.
        if (!another) await pause(backoffSeconds(failures, this.#backoff, Math.random()), signal)
      } finally {
        this.#give()
      }
    }
  }

  async #take(): Promise<void> {
    if (this.#calls < CALLS_MAX) this.#calls += 1
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve))
  }

  /** The place goes to the next who waits. */
  #give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#calls -= 1
  }
}
