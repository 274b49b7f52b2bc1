import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiHandler } from '../../../functions/api/handler.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

async function call(method: string, rawPath: string, rest: Partial<APIGatewayProxyEventV2> = {}) {
  const requestContext = { http: { method }, domainName: 'example.test', ...rest.requestContext }
  const event = { version: '2.0', rawPath, rawQueryString: '', headers: {}, ...rest, requestContext }
  const { body, ...reply } = await createApiHandler(world)(event as APIGatewayProxyEventV2, {} as Context)
  return { ...reply, body: body ? (JSON.parse(body) as unknown) : undefined }
}

it("answers a request in API Gateway's format", async () => {
  const reply = await call('GET', '/api/health')
  expect(reply).toMatchObject({ statusCode: 200, body: true, isBase64Encoded: false })
  expect(reply.headers?.['content-type']).toContain('application/json')
})

it('reads bodies as text and in Base64, with and without a content type', async () => {
  const body = JSON.stringify({ name: 'é' })
  expect((await call('POST', '/api/work_pools/', { body })).statusCode).toBe(201)
  const encoded = Buffer.from(JSON.stringify({ name: 'b' })).toString('base64')
  expect((await call('POST', '/api/work_pools/', { body: encoded, isBase64Encoded: true })).statusCode).toBe(201)
  expect((await call('POST', '/api/work_pools/filter')).body).toHaveLength(2)
})

it('finds names in paths decoded by API Gateway', async () => {
  for (const name of ['a b', 'a#b', 'a\\b', 'x+y', 'ü', ';v=1', '...', '名前', '👩‍💻']) {
    const created = await call('POST', '/api/work_pools/', { body: JSON.stringify({ name }) })
    expect([name, created.statusCode]).toEqual([name, 201])
    expect((await call('GET', `/api/work_pools/${name}`)).body).toMatchObject({ name })
  }
  expect((await call('GET', '/api/work_pools/a b ')).statusCode).toBe(404)
  expect((await call('DELETE', '/api/work_pools/a b')).statusCode).toBe(204)
})

it('never decodes a path itself', async () => {
  await call('POST', '/api/variables/', { body: JSON.stringify({ name: 'keep', value: 1 }) })
  // What AWS makes of `k%2565ep`: once decoded.
  for (const path of ['/api/variables/name/k%65ep', '/api/variables/name/keep%', '/api/variables/name/keep%3Fx']) {
    expect(await call('DELETE', path)).toMatchObject({
      statusCode: 400,
      body: { detail: 'A segment of the path must not contain %.', code: 'malformed' },
    })
  }
  expect((await call('GET', '/api/variables/name/keep')).statusCode).toBe(200)
})

it.each([
  ['/api/variables/name/../../work_pools/prod', 'must not be . or .., nor hold them between backslashes'],
  ['/api/variables/name/.', 'must not be . or .., nor hold them between backslashes'],
  ['/api/variables/name/..\\..\\work_pools\\prod', 'must not be . or .., nor hold them between backslashes'],
  ['/api/variables/name/ke\tep', 'must not contain control characters'],
  ['/api/variables/name/keep\u2028', 'must not contain control characters'],
  ['/api/variables/name/ke\ufffdep', 'must not contain what is not UTF-8'],
  ['/api/variables/name/ke\ud800ep', 'must not contain what is not UTF-8'],
])('refuses %j before it looks for a route', async (path, problem) => {
  const detail = `A segment of the path ${problem}.`
  for (const method of ['GET', 'DELETE', 'PUT', 'HEAD', 'OPTIONS']) {
    expect(await call(method, path)).toMatchObject({ statusCode: 400, body: { detail, code: 'malformed' } })
  }
})

it('ignores bodies of GET, strange headers and repeated slashes', async () => {
  expect((await call('GET', '/api/health', { body: '{}' })).statusCode).toBe(200)
  expect(
    (await call('GET', '/api/health', { headers: { 'x-name': 'é\r\nx: 1', 'user-agent': undefined } })).statusCode,
  ).toBe(200)
  expect((await call('GET', '/api//health')).statusCode).toBe(404)
})

it('rejects malformed requests with 400 and a reason', async () => {
  for (const method of ['TRACE', 'CONNECT', 'a b']) {
    expect(await call(method, '/api/health')).toMatchObject({
      statusCode: 400,
      body: { detail: 'Malformed request.', code: 'malformed' },
    })
  }
})

it('takes the scope only from the authorizer', async () => {
  world.settings.requireKeys = true
  const requestContext = {
    authorizer: { lambda: { scope: 'work' } },
  } as unknown as APIGatewayProxyEventV2['requestContext']
  expect((await call('GET', '/api/hello', { requestContext })).statusCode).toBe(200)
  expect((await call('POST', '/api/work_pools/', { requestContext, body: '{"name":"x"}' })).statusCode).toBe(403)
  expect((await call('GET', '/api/hello', { headers: { scope: 'admin' } })).statusCode).toBe(401)
  world.settings.requireKeys = false
})
