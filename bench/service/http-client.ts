import { Agent, request } from 'node:http'
import { parseArguments } from '#shared/client/arguments.ts'
import type { ArgumentsOf, OperationName, ReplyOf } from '#shared/client/client.ts'
import { parseJson } from '#shared/client/json.ts'
import { OPERATIONS } from '#shared/client/operations.ts'
import { requestOf } from '#shared/client/request.ts'
import type { Contract } from '#shared/contract/endpoints.ts'

/** A request that was not answered with a success. */
export class RequestFailed extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'RequestFailed'
  }
}

const TIMEOUT_MS = 30_000
const SHOWN_CHARS_MAX = 300

/**
 * Talks to a server in the methods, paths and types of shared/client, but over connections of its own, one for each of
 * the clients that it plays, and without retries: a load shares its cores with the server, and `fetch` takes several
 * times the CPU of `node:http`.
 */
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

  /** Calls an operation and reads the whole answer. Throws RequestFailed for anything but a success. */
  async call<Name extends OperationName>(name: Name, ...args: ArgumentsOf<Contract[Name]>): Promise<ReplyOf<Name>> {
    const { members, body: given } = parseArguments(OPERATIONS[name], args)
    const { method, path, body } = requestOf(OPERATIONS[name], members, given)
    const { status, text } = await this.#exchange(method, `/api${path}`, body)
    if (status >= 300) throw new RequestFailed(`${method} ${path}: ${status} ${text.slice(0, SHOWN_CHARS_MAX)}`)
    return (text === '' ? undefined : parseJson(text)) as ReplyOf<Name>
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
