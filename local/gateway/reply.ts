import { maxHeaderSize, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { APIGatewayProxyResultV2 } from 'aws-lambda'
import { ERROR_STATUS } from '#shared/contract/error-status.ts'
import type { ErrorCode } from '#shared/errors.ts'
import { errorBody } from '../../functions/api/errors.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const WITHOUT_BODY = new Set([204, 304])

/**
 * Sends the gateway's own error: API Gateway's `message`, and beside it the API's error members, which API Gateway
 * itself can't send.
 */
export function replyError(response: ServerResponse, code: ErrorCode, message: string): void {
  send(response, ERROR_STATUS[code], JSON_TYPE, gatewayError(code, message))
}

const gatewayError = (code: ErrorCode, message: string) => JSON.stringify({ message, ...errorBody(code, message) })

const UNREADABLE =
  'The request is not HTTP/1.1 that can be read. Its target must be in ASCII, without spaces and control characters; encode them.'
/** What else Node calls a client's error, by its code. */
const FAILURES: Partial<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: `The request's target and headers exceed ${maxHeaderSize.toLocaleString('en')} bytes.`,
  ERR_HTTP_REQUEST_TIMEOUT: 'The request was not sent in time.',
}

/** Answers what Node can't read as a request, and closes the connection. Node itself would give no reason. */
export function replyUnreadable(socket: Duplex, failure = ''): void {
  if (failure === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const body = gatewayError('malformed', FAILURES[failure] ?? UNREADABLE)
  const head = ['HTTP/1.1 400 Bad Request', 'connection: close', 'content-type: application/json']
  socket.end(`${head.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

/** Answers a request with a function's result, in any of the forms that payload format 2.0 allows. */
export function replyResult(response: ServerResponse, result: APIGatewayProxyResultV2 | undefined): void {
  if (typeof result !== 'object' || result.statusCode === undefined) {
    return send(response, 200, JSON_TYPE, typeof result === 'string' ? result : JSON.stringify(result ?? null))
  }
  const headers: OutgoingHttpHeaders = {}
  for (const name in result.headers) headers[name] = String(result.headers[name])
  if (result.cookies && result.cookies.length > 0) headers['set-cookie'] = result.cookies
  const text = result.body ?? ''
  send(response, result.statusCode, headers, result.isBase64Encoded ? Buffer.from(text, 'base64') : text)
}

function send(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body: string | Buffer): void {
  if (WITHOUT_BODY.has(status)) response.writeHead(status, headers).end()
  else response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}
