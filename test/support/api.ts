import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import type { Answer } from '#shared/client/answer.ts'
import { formatJson, parseJson } from '#shared/client/json.ts'
import type { OutgoingRequest } from '#shared/client/request.ts'
import { createTransport } from '#shared/client/transport.ts'
import { endpointAt } from '#shared/contract/endpoints.ts'
import { ERROR_STATUS } from '#shared/contract/error-status.ts'
import type { Deps } from '#shared/deps.ts'
import type { ErrorCode } from '#shared/errors.ts'
import { createApi } from '../../functions/api/app.ts'

/** Tests read members that they know exist; the contract has been checked by then. */
// oxlint-disable-next-line typescript/no-explicit-any -- asserting on JSON is what these are for
export type Json = any

export interface Reply {
  status: number
  body: Json
  headers: Headers
}

export interface RequestOptions {
  headers?: Record<string, string>
  /** The authorizer's result, as API Gateway passes it on. */
  authorizer?: Record<string, unknown> | undefined
  /** Sent unchanged, instead of JSON. */
  rawBody?: string
}

/**
 * The REST API in process, over the client's transport. Every response is checked against its endpoint's contract: a
 * success must be exactly the declared reply, without extra members, and an error a JSON object with a reason and a code
 * of its status.
 */
export function api(deps: Deps) {
  const app = createApi(deps)
  const send = async (method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Reply> => {
    const env = { event: { requestContext: { authorizer: { lambda: options.authorizer } } } }
    const inProcess = (request: Request) => app.fetch(withHeaders(request, options.headers), env)
    const transport = createTransport({ url: 'http://app', fetch: inProcess })
    const text = options.rawBody ?? (body === undefined ? undefined : formatJson(body))
    // Tests also try methods that no operation has.
    const reply = readReply(await transport({ method: method as OutgoingRequest['method'], path, body: text }))
    checkReply(method, path, reply)
    return reply
  }
  return {
    get: (path: string, options?: RequestOptions) => send('GET', path, undefined, options),
    post: (path: string, body: unknown = {}, options?: RequestOptions) => send('POST', path, body, options),
    patch: (path: string, body: unknown = {}, options?: RequestOptions) => send('PATCH', path, body, options),
    delete: (path: string, options?: RequestOptions) => send('DELETE', path, undefined, options),
    send,
  }
}

function withHeaders(request: Request, headers: Record<string, string> = {}): Request {
  for (const [name, value] of Object.entries(headers)) request.headers.set(name, value)
  return request
}

function readReply({ status, headers, text }: Answer): Reply {
  const plain = headers.get('content-type')?.startsWith('text/plain')
  return { status, headers, body: plain ? text : text === '' ? undefined : parseJson(text) }
}

function checkReply(method: string, path: string, { status, body }: Reply): void {
  const where = `${method} ${path} answered ${status}`
  if (status >= 400) {
    const told = [body?.detail, body?.exception_message].every((sentence) => typeof sentence === 'string')
    if (!told || ERROR_STATUS[body.code as ErrorCode] !== status) {
      throw new Error(`${where} without saying why: ${JSON.stringify(body)}`)
    }
    return
  }
  const endpoint = endpointAt(method, path.split('?', 1)[0] ?? '')
  if (!endpoint) throw new Error(`${where}, which no endpoint declares`)
  if (!endpoint.reply) {
    if (body !== undefined) throw new Error(`${where} with a body, which the contract does not know`)
    return
  }
  const parsed = z.safeParse(endpoint.reply, body)
  if (!parsed.success) throw new Error(`${where} against its contract: ${JSON.stringify(parsed.error.issues)}`)
  // Schemas drop members that they don't know; a reply must have none.
  if (!isDeepStrictEqual(parsed.data, body)) throw new Error(`${where} with members that the contract does not know`)
}
