import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApi } from '../../../../functions/api/app.ts'
import { api } from '../../../support/api.ts'
import { withInterceptor } from '../../../support/faults/faulty-calls.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
})
afterAll(() => world.close())

it('answers what clients request on startup', async () => {
  expect((await http.get('/health')).body).toBe(true)
  expect((await http.get('/ready')).body).toEqual({ message: 'OK' })
  expect((await http.get('/hello')).body).toBe('👋')
  expect((await http.get('/version')).body).toMatch(/^\d+\.\d+\.\d+$/)
  expect((await http.get('/admin/version')).body).toMatch(/^3\.\d+\.\d+$/)
  expect((await http.get('/admin/storage')).body).toEqual({ default_result_storage_block_id: null })
})

it("rejects CSRF tokens with the message that disables them in Prefect's clients", async () => {
  const { status, body } = await http.get('/csrf-token?client=7a8b1f1e-1f0e-4b39-9d66-111111111111')
  expect(status).toBe(422)
  expect(body.detail).toBe('CSRF protection is disabled.')
})

it('is healthy but not ready while its table is unavailable', async () => {
  const away = api(
    withInterceptor(world, () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))),
  )
  expect((await away.get('/health')).status).toBe(200)
  expect((await away.get('/ready')).status).toBe(503)
  const busy = await away.get('/work_pools/p')
  expect(busy.status).toBe(503)
  expect(busy.headers.get('retry-after')).toBe('1')
})

it('hides an unexpected error from the client, and logs it in full', async () => {
  const broken = api(withInterceptor(world, () => Promise.reject(new Error('secret cause'))))
  const { status, body } = await broken.get('/work_pools/p')
  expect(status).toBe(500)
  expect(JSON.stringify(body)).not.toContain('secret')
  expect(world.logged.at(-1)).toMatchObject({ level: 'error', fields: { reason: 'secret cause' } })
})

it.each([
  ['0.8.4', 200],
  ['0.8.0', 200],
  ['0.9.0', 200],
  ['1.0.0', 200],
  ['0.7.9', 400],
  ['0.8', 400],
  ['', 400],
  ['latest', 400],
  ['0.8.0-rc1', 400],
  ['99999999999.0.0', 400],
])('answers API version "%s" with %i', async (version, status) => {
  const reply = await http.get('/hello', { headers: { 'X-PREFECT-API-VERSION': version } })
  expect(reply.status).toBe(status)
})

it('serves every path with or without a trailing slash, and nothing else', async () => {
  expect((await http.get('/health/')).body).toBe(true)
  expect((await http.post('/work_pools', { name: 'slash' })).status).toBe(201)
  expect((await http.get('/nothing/here')).status).toBe(404)
  expect((await http.send('PUT', '/work_pools/slash', {})).status).toBe(404)
  const outside = await createApi(world).request('/health')
  expect(outside.status).toBe(404)
})

it('answers a WebSocket upgrade with 404, so that clients fall back to polling', async () => {
  for (const path of ['/events/in', '/events/out', '/logs/out', '/work_pools/slash/workers/connect']) {
    expect((await http.get(path, { headers: { Upgrade: 'websocket', Connection: 'Upgrade' } })).status).toBe(404)
  }
})
