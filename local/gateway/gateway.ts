import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyResultV2,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerResult,
  Context,
} from 'aws-lambda'
import type { Log } from '#shared/deps.ts'
import { invocation } from '../invocation.ts'
import { readBody } from './body.ts'
import { authorizerEvent, requestEvent } from './event.ts'
import { createGuard } from './guard.ts'
import { replyError, replyResult, replyUnreadable } from './reply.ts'
import { readTarget } from './target.ts'

/** The two functions that stand behind the HTTP API. */
export interface GatewayFunctions {
  api(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyResultV2 | undefined>
  authorizer(
    event: APIGatewayRequestAuthorizerEventV2,
    context: Context,
  ): Promise<APIGatewaySimpleAuthorizerResult & { context?: unknown }>
}

export interface Gateway {
  url: string
  port: number
  /** Starts to answer; until then callers get a 503. */
  serve(functions: GatewayFunctions): void
  /** Accepts nothing more, lets the requests that are being answered finish, and closes. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
/** API Gateway gives an integration 30 seconds. */
const FUNCTION_TIMEOUT_MS = 30_000
const REQUEST_TIMEOUT_MS = 60_000
/** Longer than clients keep idle connections, so that none is closed under a request that is on its way. */
const KEEP_ALIVE_MS = 75_000
const CLOSE_TIMEOUT_MS = 10_000
const DRAIN_POLL_MS = 20
const LOGGED_CHARS_MAX = 500

/** Listens on loopback and turns requests into the events that API Gateway would send. */
export async function openGateway({ port, log }: { port: number; log: Log }): Promise<Gateway> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
  })
  await listen(server, port)
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const guard = createGuard(bound)
  let functions: GatewayFunctions | undefined
  const unused = new Set<Socket>()
  server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => replyUnreadable(socket, error.code))
  server.on('connect', (_, socket) => replyUnreadable(socket))
  server.on('request', (request, response) => {
    unused.delete(request.socket)
    const refusal = guard(request)
    if (refusal !== undefined) replyError(response, 'forbidden', `Forbidden: ${refusal}.`)
    // An HTTP API serves no WebSockets. HTTP lets a server ignore other upgrades.
    else if (request.headers.upgrade?.toLowerCase() === 'websocket') replyError(response, 'no_route', 'Not Found')
    else if (!functions) replyError(response.setHeader('retry-after', '1'), 'unavailable', 'Service Unavailable')
    else void answer(functions, request, response, log)
  })
  return {
    url: `http://${LOOPBACK}:${bound}`,
    port: bound,
    serve: (given) => {
      functions = given
    },
    close: () => close(server, unused),
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, LOOPBACK)
  try {
    await once(server, 'listening')
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    throw taken ? new Error(`Port ${port} is in use; choose another with --port or PORT.`) : error
  }
}

async function answer(
  functions: GatewayFunctions,
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
): Promise<void> {
  try {
    const read = readBody(request)
    const body = read instanceof Promise ? await read : read
    if (body.kind === 'aborted') return
    if (body.kind === 'too-large') return refuseLargeBody(response)
    const target = readTarget(request.url ?? '')
    if (typeof target === 'string') return replyError(response, 'malformed', target)
    const event = requestEvent(request, target, body.body)
    const allowed = await functions.authorizer(authorizerEvent(event), invocation('authorizer', FUNCTION_TIMEOUT_MS))
    if (!allowed.isAuthorized) return replyError(response, 'forbidden', 'Forbidden')
    if (allowed.context !== undefined) Object.assign(event.requestContext, { authorizer: { lambda: allowed.context } })
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    replyResult(response, await functions.api(event, invocation('api', FUNCTION_TIMEOUT_MS, gone.signal)))
  } catch (error) {
    log.error('a function failed', {
      path: request.url?.slice(0, LOGGED_CHARS_MAX),
      reason: error instanceof Error ? error.stack : String(error),
    })
    if (response.headersSent) response.destroy()
    else replyError(response, 'internal', 'Internal Server Error')
  }
}

/** The rest of the body is not read, so the connection can't be used again. */
function refuseLargeBody(response: ServerResponse): void {
  response.setHeader('connection', 'close')
  replyError(response, 'too_large', 'Request Entity Too Large')
}

async function close(server: Server, unused: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  // Clients open connections ahead of requests; Node does not count them among the idle ones.
  for (const socket of unused) socket.destroy()
  // A connection that was busy just now is idle after its answer, and would be kept alive for long.
  const drain = setInterval(() => server.closeIdleConnections(), DRAIN_POLL_MS)
  const force = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS)
  await closed
  clearInterval(drain)
  clearTimeout(force)
}
