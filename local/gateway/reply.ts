import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { APIGatewayProxyResultV2 } from 'aws-lambda'

const JSON_TYPE = { 'content-type': 'application/json' }
const WITHOUT_BODY = new Set([204, 304])

/** Answers a request with what the gateway itself has to say. */
export function replyJson(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  send(response, status, JSON_TYPE, JSON.stringify(body))
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
