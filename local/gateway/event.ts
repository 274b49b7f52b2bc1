import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { APIGatewayProxyEventV2, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda'
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../invocation.ts'
import type { Target } from './target.ts'

/** The one route that sends everything to the api function, as the stack has it. */
const ROUTE = '$default'
const STAGE = '$default'
const API_ID = 'local'

/** Headers that speak of one connection; no gateway hands them on. Cookies have a member of their own in the event. */
const NOT_PASSED_ON = new Set([
  'connection',
  'cookie',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * The event that an HTTP API builds from a request (payload format 2.0). As on AWS, `rawPath` is decoded in spite of its
 * name, while `rawQueryString` is as it came. Where AWS would end the path at a decoded question mark, there is no target
 * (target.ts).
 */
export function requestEvent(
  request: IncomingMessage,
  { rawPath, rawQueryString }: Target,
  body: Buffer | undefined,
): APIGatewayProxyEventV2 {
  const headers = passedOn(request)
  const cookies = request.headers.cookie?.split(/; */).filter((cookie) => cookie !== '')
  // Bytes that are no text are handed on as they are, for the api to refuse.
  const text = body === undefined || (isText(headers['content-type']) && isUtf8(body))
  const event: APIGatewayProxyEventV2 = {
    version: '2.0',
    routeKey: ROUTE,
    rawPath,
    rawQueryString,
    headers,
    requestContext: contextOf(request, rawPath),
    isBase64Encoded: !text,
  }
  if (cookies) event.cookies = cookies
  if (rawQueryString !== '') event.queryStringParameters = queryParameters(rawQueryString)
  if (body !== undefined) event.body = body.toString(text ? 'utf8' : 'base64')
  return event
}

/** The same request as the authorizer gets to see it. */
export function authorizerEvent(event: APIGatewayProxyEventV2): APIGatewayRequestAuthorizerEventV2 {
  const { headers, requestContext, rawPath } = event
  const { method } = requestContext.http
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${API_ID}/${STAGE}/${method}${rawPath}`,
    identitySource: headers.authorization === undefined ? [] : [headers.authorization],
    routeKey: event.routeKey,
    rawPath,
    rawQueryString: event.rawQueryString,
    cookies: event.cookies ?? [],
    headers,
    queryStringParameters: event.queryStringParameters ?? {},
    requestContext,
  }
}

function passedOn(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name in request.headers) {
    const value = request.headers[name]
    if (value === undefined || NOT_PASSED_ON.has(name)) continue
    headers[name] = typeof value === 'string' ? value : value.join(',')
  }
  headers['x-forwarded-for'] = request.socket.remoteAddress ?? ''
  headers['x-forwarded-port'] = String(request.socket.localPort ?? '')
  headers['x-forwarded-proto'] = 'http'
  return headers
}

function contextOf(request: IncomingMessage, path: string): APIGatewayProxyEventV2['requestContext'] {
  const domainName = (request.headers.host ?? '').replace(/:\d+$/, '')
  const timeEpoch = Date.now()
  return {
    accountId: LOCAL_ACCOUNT,
    apiId: API_ID,
    domainName,
    domainPrefix: domainName.split('.', 1)[0] ?? '',
    http: {
      method: request.method ?? '',
      path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: request.socket.remoteAddress ?? '',
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId: randomUUID(),
    routeKey: ROUTE,
    stage: STAGE,
    time: logTime(timeEpoch),
    timeEpoch,
  }
}

let second = { number: 0, text: '' }
/** `12/Mar/2020:19:03:58 +0000`; formatted once a second, as it costs more than the rest of the event. */
function logTime(epochMs: number): string {
  const number = Math.floor(epochMs / 1000)
  if (number !== second.number) {
    const [, day, month, year, time] = new Date(epochMs).toUTCString().split(' ')
    second = { number, text: `${day}/${month}/${year}:${time} +0000` }
  }
  return second.text
}

function queryParameters(query: string): Record<string, string> {
  const parameters = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters.get(name)
    parameters.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries(parameters)
}

const TEXT = /^(?:text\/|application\/(?:json|javascript|xml|[^;]+\+(?:json|xml))\s*(?:;|$))/i

/** HTTP APIs hand on these types as text, and everything else in base64, forms and bodies without a type too. */
function isText(contentType: string | undefined): boolean {
  return contentType !== undefined && TEXT.test(contentType)
}
