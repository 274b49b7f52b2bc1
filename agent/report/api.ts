import { type Client, createClient } from '#shared/client/create-client.ts'
import type { AgentOptions } from '../agent-options.ts'

/** The service as the agent calls it: each call is sent once, under the key that holds now. */
export class Api {
  readonly #url: string
  readonly #readKey: () => string | undefined
  #key: string | undefined
  #client: Client

  /** Throws TypeError for a URL or a key that can't be used. */
  constructor({ apiUrl, readApiKey }: Pick<AgentOptions, 'apiUrl' | 'readApiKey'>) {
    this.#url = apiUrl
    this.#readKey = readApiKey
    this.#key = readApiKey()
    this.#client = this.#connect()
  }

  get client(): Client {
    return this.#client
  }

  get key(): string | undefined {
    return this.#key
  }

  /** Reads the key again, which may be rotated. True for another one: what was refused is worth another try at once. */
  readKeyAgain(): boolean {
    const before = this.#key
    try {
      this.#key = this.#readKey()
      if (this.#key === before) return false
      this.#client = this.#connect()
      return true
    } catch {
      // A file that is being replaced may be missing or half there for a moment.
      this.#key = before
      return false
    }
  }

  #connect(): Client {
    return createClient({ url: this.#url, apiKey: this.#key, retry: { triesMax: 1 } })
  }
}
