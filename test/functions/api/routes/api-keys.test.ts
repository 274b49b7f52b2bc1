import { afterEach, beforeEach, expect, it } from 'vitest'
import { hashSecret, isValidKey, parseKey } from '#shared/api-key/api-key.ts'
import { getApiKey } from '#shared/storage/api-key/get-api-key.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
beforeEach(async () => {
  world = await openWorld()
  http = api(world)
})
afterEach(() => world.close())

const create = async (wish: object = {}) => (await http.post('/api_keys/', { name: 'ci', ...wish })).body
const list = async (filter?: object) => (await http.post('/api_keys/filter', { api_keys: filter })).body
const names = (keys: Json[]) => keys.map(({ name }) => name)

/** Whether a key's text would be accepted now. */
async function isAccepted(text: string): Promise<boolean> {
  const presented = parseKey(text)
  if (!presented) return false
  return isValidKey(await getApiKey(world.table, presented.id), presented, world.clock.now())
}

it('creates a key that works, and shows its text only once', async () => {
  const { status, body } = await http.post('/api_keys/', { name: 'ci', scope: 'operate' })
  expect(status).toBe(201)
  const { key, ...shown } = body
  expect(await isAccepted(key)).toBe(true)
  expect(shown).toMatchObject({ id: parseKey(key)?.id, name: 'ci', scope: 'operate', status: 'ACTIVE' })
  expect(shown).toMatchObject({ expires_at: null, revoked_at: null })
  expect(await list()).toEqual([shown])
})

it('never lists, stores or logs what could be used as a key', async () => {
  const { key, id } = await create()
  const secret = parseKey(key)?.secret ?? ''
  const stored = await getApiKey(world.table, id)
  expect(stored?.secretHash).toBe(hashSecret(secret))
  expect(JSON.stringify(stored)).not.toContain(secret)
  const told = JSON.stringify([await list(), world.logged])
  expect(told).not.toContain(secret)
  expect(told).not.toContain(hashSecret(secret))
})

it('gives a key the least scope by default', async () => {
  expect(await create()).toMatchObject({ scope: 'work' })
  expect((await http.post('/api_keys/', { name: 'x', scope: 'root' })).status).toBe(422)
})

it('creates another key each time, even with the same name, so a lost response leaves one unused', async () => {
  const [one, two] = [await create(), await create()]
  expect(one.id).not.toBe(two.id)
  expect(await isAccepted(one.key)).toBe(true)
  expect(names(await list({ name: { any_: ['ci'] } }))).toEqual(['ci', 'ci'])
})

it.each([{ expires_in_seconds: 60 }, { expires_at: '2026-01-15T12:01:00Z' }])('expires a key with %j', async (end) => {
  const { key } = await create(end)
  world.clock.pass(59)
  expect(await isAccepted(key)).toBe(true)
  world.clock.pass(2)
  expect(await isAccepted(key)).toBe(false)
  expect(await list()).toMatchObject([{ status: 'EXPIRED', revoked_at: null }])
})

it.each([
  [{ expires_at: '2026-01-15T11:59:59Z' }, 'expires_at'],
  [{ expires_at: 'tomorrow' }, 'expires_at'],
  [{ expires_in_seconds: 0 }, 'expires_in_seconds'],
  [{ expires_in_seconds: 1e12 }, 'expires_in_seconds'],
  [{ expires_in_seconds: 60, expires_at: '2027-01-01' }, 'expires_in_seconds'],
  [{ name: '' }, 'name'],
  [{ name: 'a\u001b[2J' }, 'name'],
])('rejects %j, and names the field', async (wish, member) => {
  const { status, body } = await http.post('/api_keys/', { name: 'ci', ...wish })
  expect(status).toBe(422)
  expect(body.exception_detail[0].loc).toEqual(['body', member])
  expect(await list()).toEqual([])
})

it('revokes a key at once and for good; repeating that changes nothing', async () => {
  const { key, id } = await create()
  expect((await http.delete(`/api_keys/${id}`)).status).toBe(204)
  expect(await isAccepted(key)).toBe(false)
  const [revoked] = await list()
  expect(revoked).toMatchObject({ status: 'REVOKED', revoked_at: expect.any(String) })
  world.clock.pass(60)
  expect((await http.delete(`/api_keys/${id}`)).status).toBe(204)
  expect(await list()).toEqual([revoked])
})

it('answers 404 for another id, and for what is not an id', async () => {
  expect((await http.delete('/api_keys/0123456789abcdef01')).status).toBe(404)
  const { key } = await create()
  for (const id of [key, 'x', '0123456789ABCDEF01']) expect((await http.delete(`/api_keys/${id}`)).status).toBe(404)
  expect(await isAccepted(key)).toBe(true)
})

it("revokes any key but the caller's own, so that admins cannot lock themselves out", async () => {
  world.settings.requireKeys = true
  const authorizer = { scope: 'admin', keyId: '0123456789abcdef01' }
  const own = (await http.post('/api_keys/', { name: 'own', scope: 'admin' }, { authorizer })).body
  const asOwn = { authorizer: { scope: 'admin', keyId: own.id } }
  expect(await http.delete(`/api_keys/${own.id}`, asOwn)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('use another key') },
  })
  expect(await isAccepted(own.key)).toBe(true)
  expect((await http.delete(`/api_keys/${own.id}`, { authorizer })).status).toBe(204)
  expect(world.logged.at(-1)?.fields).toEqual({ keyId: own.id, by: '0123456789abcdef01' })
})

it('lists the newest first, in pages, by name, scope and status', async () => {
  const first = await create({ name: 'a' })
  await create({ name: 'b', scope: 'operate' })
  await create({ name: 'c', scope: 'admin', expires_in_seconds: 5 })
  await http.delete(`/api_keys/${first.id}`)
  world.clock.pass(10)
  expect(names(await list())).toEqual(['c', 'b', 'a'])
  expect(names((await http.post('/api_keys/filter', { limit: 1, offset: 1 })).body)).toEqual(['b'])
  expect(names(await list({ status: { any_: ['ACTIVE'] } }))).toEqual(['b'])
  expect(names(await list({ status: { not_any_: ['ACTIVE'] } }))).toEqual(['c', 'a'])
  expect(names(await list({ scope: { any_: ['admin'] } }))).toEqual(['c'])
  expect(names(await list({ operator: 'or_', scope: { any_: ['admin'] }, name: { any_: ['b'] } }))).toEqual(['c', 'b'])
})
