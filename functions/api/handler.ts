import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { ANSWER_BYTES_MAX } from '#shared/bounds.ts'
import { ERROR_STATUS } from '#shared/contract/error-status.ts'
import type { Deps } from '#shared/deps.ts'
import type { ErrorCode } from '#shared/errors.ts'
import { createApi } from './app.ts'
import { errorBody } from './errors.ts'
import { encodePath, pathProblem } from './path.ts'

/** Methods whose requests can't carry a body, by the Fetch standard. */
const BODYLESS = new Set(['GET', 'HEAD'])
/** No response depends on the requested host. */
const ORIGIN = 'https://pushpool'
const JSON_TYPE = { 'content-type': 'application/json' }
/** Bodies up to this size are sent as they are. */
const PLAIN_BYTES_MAX = 1_000_000

/**
 * Answers API Gateway's HTTP API events (payload format 2.0). Hono's own adapter takes the path as it is; API Gateway
 * has decoded it (live captures: github.com/hotsock/voker/pull/8), so a name with a `#` would be cut, and `..` in a name
 * would lead to another resource. Each request waits until the service is `ready`, and gets the error that this throws
 * as its answer.
 */
export function createApiHandler(deps: Deps, ready?: () => Promise<void>) {
  const app = createApi(deps, ready)
  return async (event: APIGatewayProxyEventV2, context?: Context): Promise<APIGatewayProxyStructuredResultV2> => {
    const problem = pathProblem(event.rawPath)
    if (problem !== undefined) return refusal('malformed', problem)
    const request = requestOf(event)
    if (!request) return refusal('malformed', 'Malformed request.')
    const response = await app.fetch(request, { event, context })
    return resultOf(response.status, Object.fromEntries(response.headers), await response.text())
  }
}

function refusal(code: ErrorCode, why: string): APIGatewayProxyStructuredResultV2 {
  return { statusCode: ERROR_STATUS[code], headers: JSON_TYPE, body: JSON.stringify(errorBody(code, why)) }
}

/**
 * Lambda hands its result on as JSON, in which text full of quotes takes twice its size; in base64 any body takes a
 * third more. A larger response would become a server error, and is rejected instead.
 */
function resultOf(
  statusCode: number,
  headers: Record<string, string>,
  body: string,
): APIGatewayProxyStructuredResultV2 {
  const bytes = Buffer.byteLength(body)
  if (bytes <= PLAIN_BYTES_MAX) return { statusCode, headers, body, isBase64Encoded: false }
  if (bytes <= ANSWER_BYTES_MAX) {
    return { statusCode, headers, body: Buffer.from(body).toString('base64'), isBase64Encoded: true }
  }
  const most = ANSWER_BYTES_MAX.toLocaleString('en')
  return refusal('too_broad', `The response exceeds ${most} bytes; narrow the request with a limit or a filter.`)
}

/** Undefined for what the Fetch standard knows no request for, such as the method TRACE. */
function requestOf(event: APIGatewayProxyEventV2): Request | undefined {
  const { rawPath, rawQueryString, headers, requestContext, body, isBase64Encoded } = event
  const { method } = requestContext.http
  const given = body === undefined || BODYLESS.has(method) ? undefined : body
  try {
    return new Request(`${ORIGIN}${encodePath(rawPath)}${rawQueryString ? `?${rawQueryString}` : ''}`, {
      method,
      headers: headersOf(headers),
      body: given === undefined ? null : isBase64Encoded ? Buffer.from(given, 'base64') : given,
    })
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Header values in ASCII, as a Request takes them; nothing that is read here has other characters. */
function headersOf(headers: APIGatewayProxyEventV2['headers']): [string, string][] {
  const known = Object.entries(headers).filter((each): each is [string, string] => each[1] !== undefined)
  return known.map(([name, value]) => [name, value.replace(/[^\t\x20-\x7e]/g, '')])
}
