import { type Address, type Answer, ClosedMeanwhile, EngineConnection } from './engine-connection.ts'

/** As many as the engine has use for; requests beyond wait for one of them. */
const CONNECTIONS_MAX = 50

/** Kept connections to the engine. */
export class EngineConnections {
  readonly #address: Address
  readonly #open = new Set<EngineConnection>()
  /** The one used last is used next, so that the others may be closed for lack of use. */
  readonly #idle: EngineConnection[] = []
  readonly #waiting: { resolve: (connection: EngineConnection) => void; reject: (error: Error) => void }[] = []

  constructor(address: Address) {
    this.#address = address
  }

  /** Sends one whole request, once more if it was not read, and reads the answer. Raises Node's errors of sockets. */
  async exchange(request: string): Promise<Answer> {
    try {
      return await this.#exchange(request)
    } catch (error) {
      if (!(error instanceof ClosedMeanwhile)) throw error
      return await this.#exchange(request)
    }
  }

  /** Ends what is under way, too. */
  close(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connections to the engine are closed'))
    for (const connection of this.#open) connection.close()
  }

  async #exchange(request: string): Promise<Answer> {
    const connection = this.#idle.pop() ?? (await this.#another())
    try {
      return await connection.exchange(request)
    } finally {
      this.#free(connection)
    }
  }

  #another(): EngineConnection | Promise<EngineConnection> {
    if (this.#open.size < CONNECTIONS_MAX) return this.#connect()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #connect(): EngineConnection {
    const connection = new EngineConnection(this.#address, (closed) => this.#drop(closed))
    this.#open.add(connection)
    return connection
  }

  #free(connection: EngineConnection): void {
    const next = this.#waiting.shift()
    const usable = this.#open.has(connection)
    if (next) next.resolve(usable ? connection : this.#connect())
    else if (usable) this.#idle.push(connection)
  }

  #drop(closed: EngineConnection): void {
    this.#open.delete(closed)
    const at = this.#idle.indexOf(closed)
    if (at !== -1) this.#idle.splice(at, 1)
  }
}
