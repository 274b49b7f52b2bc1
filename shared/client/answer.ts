import type { FieldProblem } from '#shared/errors.ts'
import { ApiError, type ClientErrorCode } from './errors.ts'
import { parseJson } from './json.ts'

/** An answer of the service, read to its end. */
export interface Answer {
  status: number
  headers: Headers
  text: string
}

/** Codes for answers that name none: those of API Gateway and of proxies. */
const CODES: Record<number, ClientErrorCode> = {
  400: 'malformed',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'no_route',
  413: 'too_large',
  429: 'throttled',
  500: 'bad_gateway',
  502: 'bad_gateway',
  503: 'unavailable',
  504: 'gateway_timeout',
}
const TRANSIENT = new Set([429, 502, 503, 504])
const REQUEST_ID_HEADERS = ['apigw-requestid', 'x-amzn-requestid', 'x-amz-apigw-id', 'x-request-id']

/** True for any 2xx. */
export const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300

/** The body of a successful response; undefined for none. Throws ApiError when it should be JSON and is not. */
export function contentOf(answer: Answer, plainText: boolean): unknown {
  const { status, text } = answer
  if (plainText) return text
  if (text === '') return undefined
  try {
    return parseJson(text)
  } catch (cause) {
    const message = `The service answered ${status} with a body that is not JSON. Is the URL that of the API?`
    throw new ApiError(message, { status, code: 'unreadable_reply', requestId: requestIdOf(answer), cause })
  }
}

/** The error of an unsuccessful response, in the service's words where it has any. */
export function errorOf(answer: Answer): ApiError {
  const { status, headers } = answer
  const body = bodyOf(answer)
  const said = [body.detail, body.exception_message].find((each) => typeof each === 'string')
  const note = typeof body.message === 'string' ? ` (${body.message})` : ''
  return new ApiError(said ?? `The service answered ${status}${note}.`, {
    status,
    code: typeof body.code === 'string' ? body.code : (CODES[status] ?? 'unknown'),
    fields: fieldsOf(body.exception_detail),
    requestId: requestIdOf(answer),
    retryAfterSeconds: secondsOf(headers.get('retry-after')),
    transient: TRANSIENT.has(status) || isFromGateway(status, body),
  })
}

/**
 * The gateway's own 500: the function behind it crashed, ran out of time or was throttled. The service's own has no
 * `message`; the local gateway's has one beside the members of the service's errors.
 */
function isFromGateway(status: number, body: Record<string, unknown>): boolean {
  return status === 500 && typeof body.message === 'string'
}

function bodyOf({ text }: Answer): Record<string, unknown> {
  try {
    const body = parseJson(text)
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function fieldsOf(detail: unknown): FieldProblem[] {
  if (!Array.isArray(detail)) return []
  return detail.flatMap((each: Partial<FieldProblem> | null) => {
    const { loc, msg, type } = each ?? {}
    return Array.isArray(loc) && typeof msg === 'string'
      ? [{ loc, msg, type: typeof type === 'string' ? type : '' }]
      : []
  })
}

function requestIdOf({ headers }: Answer): string | undefined {
  return REQUEST_ID_HEADERS.map((name) => headers.get(name)).find((value) => value !== null) ?? undefined
}

/** Retry-After in either of its forms: seconds, of which the service also sends parts, or a date (RFC 9110, 10.2.3). */
function secondsOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined
  if (/^\d+(\.\d+)?$/.test(retryAfter)) return Number(retryAfter)
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000)
}
