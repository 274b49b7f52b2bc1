import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import type { APIGatewayProxyEventV2, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Log } from '#shared/deps.ts'
import { type Gateway, type GatewayFunctions, openGateway } from '../../../local/gateway/gateway.ts'
import { until } from '../../support/until.ts'

const log: Log = { info: () => {}, warn: () => {}, error: () => {} }

interface Bench extends Gateway {
  events: APIGatewayProxyEventV2[]
  authorized: APIGatewayRequestAuthorizerEventV2[]
}

async function open(functions: Partial<GatewayFunctions> = {}): Promise<Bench> {
  const gateway = await openGateway({ port: 0, log })
  onTestFinished(() => gateway.close())
  const events: APIGatewayProxyEventV2[] = []
  const authorized: APIGatewayRequestAuthorizerEventV2[] = []
  gateway.serve({
    api: async (event) => {
      events.push(event)
      return { statusCode: 200, body: 'ok' }
    },
    authorizer: async (event) => {
      authorized.push(event)
      return { isAuthorized: true }
    },
    ...functions,
  })
  return { ...gateway, events, authorized }
}

/** A request with raw headers: fetch would set some of them by itself. */
async function send(
  gateway: Gateway,
  path: string,
  headers: Record<string, string | string[]> = {},
  body?: string | Buffer,
) {
  const request = httpRequest({ port: gateway.port, host: '127.0.0.1', path, headers, method: body ? 'POST' : 'GET' })
  request.end(body)
  const [response] = (await once(request, 'response')) as [
    AsyncIterable<Buffer> & { statusCode: number; headers: IncomingHttpHeaders },
  ]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, headers: response.headers, text }
}

describe('the event for a request', () => {
  it('is an HTTP API event in payload format 2.0', async () => {
    const gateway = await open({ authorizer: async () => ({ isAuthorized: true, context: { scope: 'admin' } }) })
    const headers = {
      'X-Some': ['1', '2'],
      Cookie: 'a=1; b=2',
      'Content-Type': 'application/json',
      'User-Agent': 'test/1',
    }
    await send(gateway, '/api/work_pools/my%20pool?tag=a&tag=b%2Cc&x', headers, '{"n":"ü"}')
    expect(gateway.events).toEqual([
      {
        version: '2.0',
        routeKey: '$default',
        rawPath: '/api/work_pools/my pool',
        rawQueryString: 'tag=a&tag=b%2Cc&x',
        cookies: ['a=1', 'b=2'],
        headers: {
          host: `127.0.0.1:${gateway.port}`,
          'x-some': '1, 2',
          'content-length': '10',
          'content-type': 'application/json',
          'user-agent': 'test/1',
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-port': String(gateway.port),
          'x-forwarded-proto': 'http',
        },
        queryStringParameters: { tag: 'a,b,c', x: '' },
        requestContext: {
          accountId: '000000000000',
          apiId: 'local',
          authorizer: { lambda: { scope: 'admin' } },
          domainName: '127.0.0.1',
          domainPrefix: '127',
          http: {
            method: 'POST',
            path: '/api/work_pools/my pool',
            protocol: 'HTTP/1.1',
            sourceIp: '127.0.0.1',
            userAgent: 'test/1',
          },
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          routeKey: '$default',
          stage: '$default',
          time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
          timeEpoch: expect.any(Number),
        },
        body: '{"n":"ü"}',
        isBase64Encoded: false,
      },
    ])
  })

  it('omits what a request does not have', async () => {
    const gateway = await open()
    await send(gateway, '/')
    for (const absent of ['body', 'cookies', 'queryStringParameters'])
      expect(gateway.events[0]).not.toHaveProperty(absent)
    expect(gateway.events[0]).toMatchObject({ rawPath: '/', rawQueryString: '', isBase64Encoded: false })
  })

  it.each([
    ['application/octet-stream', true],
    ['application/x-www-form-urlencoded', true],
    ['', true],
    ['text/plain; charset=utf-8', false],
    ['application/problem+json', false],
    ['application/json; charset=utf-8', false],
  ])('carries a body of type "%s" in base64: %s', async (type, base64) => {
    const gateway = await open()
    await send(gateway, '/', type === '' ? {} : { 'content-type': type }, 'a=1')
    expect(gateway.events[0]).toMatchObject({ isBase64Encoded: base64, body: base64 ? 'YT0x' : 'a=1' })
  })

  it('carries a text that is no UTF-8 byte for byte', async () => {
    const gateway = await open()
    const body = Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])
    await send(gateway, '/', { 'content-type': 'application/json' }, body)
    expect(gateway.events[0]).toMatchObject({ isBase64Encoded: true, body: body.toString('base64') })
  })

  it('goes to the authorizer first', async () => {
    const gateway = await open()
    await send(gateway, '/api/flows?x=1', { Authorization: 'Bearer secret' })
    expect(gateway.authorized).toMatchObject([
      {
        version: '2.0',
        type: 'REQUEST',
        routeArn: 'arn:aws:execute-api:local:000000000000:local/$default/GET/api/flows',
        identitySource: ['Bearer secret'],
        rawPath: '/api/flows',
        queryStringParameters: { x: '1' },
        headers: { authorization: 'Bearer secret' },
      },
    ])
    expect(gateway.events[0]?.requestContext).not.toHaveProperty('authorizer')
  })
})

describe('the gateway admits', () => {
  it('no caller that the authorizer rejects, and responds as API Gateway does', async () => {
    const gateway = await open({ authorizer: async () => ({ isAuthorized: false }) })
    const { status, text } = await send(gateway, '/')
    expect(status).toBe(403)
    const word = 'Forbidden'
    expect(JSON.parse(text)).toEqual({ message: word, detail: word, exception_message: word, code: 'forbidden' })
    expect(gateway.events).toEqual([])
  })

  it('only requests for its own loopback names', async () => {
    const gateway = await open()
    const at = (host: string) => send(gateway, '/', { host }).then(({ status }) => status)
    for (const name of ['127.0.0.1', 'localhost', '[::1]', 'LocalHost'])
      expect(await at(`${name}:${gateway.port}`)).toBe(200)
    for (const host of [
      'evil.example',
      `evil.example:${gateway.port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `127.0.0.1.evil.example:${gateway.port}`,
    ]) {
      expect(await at(host)).toBe(403)
    }
    expect(gateway.events).toHaveLength(4)
  })

  it('only its own origin', async () => {
    const gateway = await open()
    const from = (origin: string) => send(gateway, '/', { origin }).then(({ status }) => status)
    expect(await from(gateway.url)).toBe(200)
    expect(await from(`http://localhost:${gateway.port}`)).toBe(200)
    for (const origin of ['https://evil.example', 'null', `https://127.0.0.1:${gateway.port}`, 'http://127.0.0.1:1']) {
      expect(await from(origin)).toBe(403)
    }
    const { text } = await send(gateway, '/', { origin: 'null' })
    expect(JSON.parse(text)).toMatchObject({ exception_message: expect.stringContaining('Origin'), code: 'forbidden' })
  })

  it('no WebSocket, but a client that merely offers another protocol', async () => {
    const gateway = await open()
    const offer = (protocol: string) => send(gateway, '/', { connection: 'upgrade', upgrade: protocol })
    const refused = await offer('websocket')
    expect(refused.status).toBe(404)
    expect(JSON.parse(refused.text)).toMatchObject({ message: 'Not Found', code: 'no_route' })
    expect((await offer('h2c')).status).toBe(200)
  })

  it.each([
    'http://evil.example/',
    '*',
    '/%zz',
    '/%',
    '/%u002e',
    '/a%2Fb',
    '/a%3fb',
    '/a#b',
    '/%c0%ae%c0%ae',
    '/%ff',
    '/%ed%a0%80',
    '/a%2525',
    '/..',
    '/%2E%2e/',
    '/.%2e',
    '/..%5cx',
    '/a\\..\\b',
    '/%7f',
    '/%c2%85',
    '/%e2%80%a8',
    '/%ef%bf%bd',
  ])('no request for %s', async (target) => {
    const gateway = await open()
    const socket = connect(gateway.port, '127.0.0.1')
    socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nConnection: close\r\n\r\n`)
    const [data] = (await once(socket, 'data')) as [Buffer]
    expect(data.toString()).toMatch(/^HTTP\/1.1 400[^]*"code":"malformed"/)
    expect(gateway.events).toEqual([])
    socket.destroy()
  })

  it.each([
    ['raw letters beyond ASCII', 'GET /na\u00efve HTTP/1.1'],
    ['a raw space', 'GET /a b HTTP/1.1'],
    ['a raw control character', 'GET /a\u0001b HTTP/1.1'],
    ['a target that is no path', 'GET api HTTP/1.1'],
    ['an unknown method', 'FETCH / HTTP/1.1'],
    ['a tunnel', 'CONNECT 127.0.0.1:80 HTTP/1.1'],
    ['endless headers', `GET /${'a/'.repeat(10_000)} HTTP/1.1`],
  ])('nothing that is not HTTP: %s gets a reason', async (_, line) => {
    const gateway = await open()
    const socket = connect(gateway.port, '127.0.0.1')
    socket.write(`${line}\r\nHost: 127.0.0.1:${gateway.port}\r\n\r\n`, 'latin1')
    let answer = ''
    for await (const data of socket) answer += String(data)
    expect(answer).toMatch(/^HTTP\/1.1 400[^]*"detail":"The request[^]*"code":"malformed"}$/)
    expect(gateway.events).toEqual([])
  })

  it('paths with all that names may hold', async () => {
    const gateway = await open()
    await send(gateway, `/${encodeURIComponent("a\\b #;[x]{y}|^`'…名前👩‍💻")}/x\\y[z]|;v=1/?q=%2f%3F`)
    expect(gateway.events[0]).toMatchObject({
      rawPath: "/a\\b #;[x]{y}|^`'…名前👩‍💻/x\\y[z]|;v=1/",
      rawQueryString: 'q=%2f%3F',
    })
  })

  it('bodies up to the limit of API Gateway', async () => {
    const gateway = await open()
    const megabytes = (n: number) => 'x'.repeat(n * 1024 * 1024)
    const type = { 'content-type': 'text/plain' }
    expect((await send(gateway, '/', type, megabytes(10))).status).toBe(200)
    expect(gateway.events[0]?.body).toHaveLength(10 * 1024 * 1024)
    const tooMuch = await fetch(gateway.url, { method: 'POST', headers: type, body: `${megabytes(10)}x` }).then(
      ({ status }) => status,
      () => 413, // the server may hang up while the client still sends
    )
    expect(tooMuch).toBe(413)
    expect(gateway.events).toHaveLength(1)
  })
})

describe("the gateway's response", () => {
  it('is what the function returned', async () => {
    const gateway = await open({
      api: async () => ({
        statusCode: 201,
        headers: { 'x-n': 1 },
        cookies: ['a=1', 'b=2'],
        body: 'aMO8',
        isBase64Encoded: true,
      }),
    })
    const { status, headers, text } = await send(gateway, '/')
    expect({ status, text }).toEqual({ status: 201, text: 'hü' })
    expect(headers).toMatchObject({ 'x-n': '1', 'set-cookie': ['a=1', 'b=2'], 'content-length': '3' })
  })

  it('has no body for 204', async () => {
    const gateway = await open({ api: async () => ({ statusCode: 204 }) })
    expect(await send(gateway, '/')).toMatchObject({ status: 204, text: '' })
  })

  it('is JSON for a function that returns a bare value', async () => {
    const gateway = await open({ api: async () => '{"bare":true}' })
    expect(await send(gateway, '/')).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
  })

  it('is 500 without details for a function that throws', async () => {
    const gateway = await open({ api: () => Promise.reject(new Error('secret detail')) })
    const { status, text } = await send(gateway, '/')
    expect(status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ message: 'Internal Server Error', code: 'internal' })
    expect(text).not.toContain('secret')
  })

  it('asks to retry until the functions are ready', async () => {
    const gateway = await openGateway({ port: 0, log })
    onTestFinished(() => gateway.close())
    const { status, headers, text } = await send(gateway, '/')
    expect({ status, headers }).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    expect(JSON.parse(text)).toMatchObject({ message: 'Service Unavailable', code: 'unavailable' })
  })
})

describe('closing the gateway', () => {
  it('waits for no connection that was opened ahead of a request', { timeout: 5_000 }, async () => {
    const gateway = await open()
    const socket = connect(gateway.port, '127.0.0.1')
    await once(socket, 'connect')
    // It was accepted by then, as another was served after it.
    await send(gateway, '/')
    const ended = once(socket, 'close')
    await gateway.close()
    await ended
    expect(socket.destroyed).toBe(true)
  })

  it('lets the request in progress finish, on a keep-alive connection', async () => {
    let finish: (result: { statusCode: number; body: string }) => void = () => {}
    const gateway = await open({ api: () => new Promise((resolve) => (finish = resolve)) })
    const answer = fetch(gateway.url)
    await until('the request is in', () => finish.length === 1)
    const closed = gateway.close()
    await expect(fetch(gateway.url)).rejects.toThrow('fetch failed')
    finish({ statusCode: 200, body: 'done' })
    expect(await (await answer).text()).toBe('done')
    await closed
  })

  it('survives clients that hang up', async () => {
    const gateway = await open({ api: async (event) => ({ statusCode: 200, body: event.body ?? '' }) })
    for (let n = 0; n < 20; n += 1) {
      const socket = connect(gateway.port, '127.0.0.1')
      socket.write(`POST / HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nContent-Length: 100\r\n\r\nhalf`)
      await once(socket, 'connect')
      socket.destroy()
    }
    expect(await send(gateway, '/')).toMatchObject({ status: 200 })
  })

  it('names the port in use', async () => {
    const gateway = await open()
    await expect(openGateway({ port: gateway.port, log })).rejects.toThrow(`Port ${gateway.port} is in use`)
  })
})
