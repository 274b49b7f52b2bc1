import { Agent, request } from 'node:http'

/** A request that was not answered with a success. */
export class RequestFailed extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'RequestFailed'
  }
}

const TIMEOUT_MS = 30_000
const SHOWN_CHARS_MAX = 300

/** Talks to the service over connections that it keeps, one for each client; no SDK, and no retries. */
export class HttpClient {
  readonly #agent: Agent
  readonly #host: string
  readonly #port: string

  constructor(url: string, clients: number) {
    const { hostname, port } = new URL(url)
    this.#host = hostname
    this.#port = port
    this.#agent = new Agent({ keepAlive: true, maxSockets: clients, maxFreeSockets: clients })
  }

  /** Sends a request below /api and reads the whole answer. Throws RequestFailed for anything but a success. */
  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const sent = body === undefined ? undefined : JSON.stringify(body)
    const { status, text } = await this.#exchange(method, `/api${path}`, sent)
    if (status >= 300) throw new RequestFailed(`${method} ${path}: ${status} ${text.slice(0, SHOWN_CHARS_MAX)}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  close(): void {
    this.#agent.destroy()
  }

  #exchange(method: string, path: string, body: string | undefined): Promise<{ status: number; text: string }> {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const failed = (why: string) => new RequestFailed(`${method} ${path}: ${why}`)
    return new Promise((resolve, reject) => {
      const options = { host: this.#host, port: this.#port, agent: this.#agent, method, path, headers }
      const sending = request(options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', (error) => reject(failed(error.message)))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
      })
      sending.setTimeout(TIMEOUT_MS, () => sending.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
      sending.on('error', (error) => reject(failed(error.message)))
      sending.end(body)
    })
  }
}
