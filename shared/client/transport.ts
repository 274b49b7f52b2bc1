import type { Answer } from './answer.ts'
import type { CallOptions } from './client.ts'
import { ConnectionError, TimeoutError } from './errors.ts'
import type { OutgoingRequest } from './request.ts'
import { apiBaseOf } from './service-url.ts'

export interface TransportOptions {
  /** Where the service is, with or without `/api`. */
  url: string
  apiKey?: string | undefined
  /** How long one try may take. */
  timeoutMs?: number | undefined
  /** False: connections are closed after each answer, so that a short-lived process leaves none behind. */
  keepAlive?: boolean | undefined
  /** In place of the global one, as to call an app in process. */
  fetch?: ((request: Request) => Response | Promise<Response>) | undefined
}

/** Sends a request once and reads the whole answer. Throws ConnectionError, TimeoutError, or what the caller's signal says. */
export type Transport = (request: OutgoingRequest, options?: CallOptions) => Promise<Answer>

/** Longer than any answer of API Gateway takes (30 s). */
const TIMEOUT_MS = 35_000
/** Errors of Node after which nothing has been sent. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Transport over `fetch`. Throws TypeError for a URL or a key that can't be used. */
export function createTransport(options: TransportOptions): Transport {
  const { apiKey, keepAlive = true, fetch = (request: Request) => globalThis.fetch(request) } = options
  const base = apiBaseOf(options.url)
  // `fetch` quotes the value of a header that it can't send.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey))
    throw new TypeError('The API key contains invalid characters.')
  const headers = {
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...(keepAlive ? {} : { connection: 'close' }),
  }
  return async ({ method, path, body }, { signal, headers: own, timeoutMs = options.timeoutMs ?? TIMEOUT_MS } = {}) => {
    signal?.throwIfAborted()
    const timeout = AbortSignal.timeout(timeoutMs)
    const request = new Request(`${base}${path}`, {
      method,
      headers: { ...own, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      // A redirect would carry the request, and maybe the key, to another host.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body === undefined ? {} : { body }),
    })
    try {
      const response = await fetch(request)
      return { status: response.status, headers: response.headers, text: await response.text() }
    } catch (cause) {
      signal?.throwIfAborted()
      const { origin } = new URL(base)
      if (!timeout.aborted) throw lostConnection(origin, cause)
      throw new TimeoutError(`No answer from ${origin} within ${timeoutMs / 1000} s.`, { cause, outcomeUnknown: true })
    }
  }
}

function lostConnection(origin: string, cause: unknown): ConnectionError {
  const code = codeOf(cause)
  const outcomeUnknown = code === undefined || !UNSENT.has(code)
  if (code === 'ECONNREFUSED')
    return new ConnectionError(`Nothing is listening at ${origin}.`, { cause, outcomeUnknown })
  return new ConnectionError(`No answer from ${origin}${code ? ` (${code})` : ''}.`, { cause, outcomeUnknown })
}

/** Node's `fetch` names the error of the socket in the cause of its own. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  if (typeof code === 'string') return code
  return cause === undefined ? undefined : codeOf(cause)
}
