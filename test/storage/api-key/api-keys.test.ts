import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type ApiKey, newApiKey } from '#shared/api-key/api-key.ts'
import { createApiKey } from '#shared/storage/api-key/create-api-key.ts'
import { getApiKey } from '#shared/storage/api-key/get-api-key.ts'
import { listApiKeys } from '#shared/storage/api-key/list-api-keys.ts'
import { revokeApiKey } from '#shared/storage/api-key/revoke-api-key.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { apiKeyKey, TTL_ATTRIBUTE } from '#shared/storage/dynamo/table.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const SECOND = 1_000_000
const KEPT_SECONDS = 90 * 86_400
const newKey = (expires: number | null = null) =>
  newApiKey({ name: 'k', scope: 'work', created: 5 * SECOND, expires }).key
const droppedAfter = async ({ id }: ApiKey) => (await getItem(world.table, apiKeyKey(id)))?.[TTL_ATTRIBUTE]

it('returns a key as it was written, alone and in the list', async () => {
  const keys = [newKey(), newKey(7 * SECOND)]
  for (const key of keys) await createApiKey(world.table, key)
  for (const key of keys) expect(await getApiKey(world.table, key.id)).toEqual(key)
  expect(await listApiKeys(world.table)).toEqual(expect.arrayContaining(keys))
})

it('lists keys newest first', async () => {
  const fresh = await openWorld()
  onTestFinished(() => fresh.close())
  const { table } = fresh
  const made = [3, 5, 4, 4].map((created, n) => ({ ...newKey(), id: `k${n}`, created: created * SECOND }))
  for (const key of made) await createApiKey(table, key)
  expect((await listApiKeys(table)).map(({ id }) => id)).toEqual(['k1', 'k2', 'k3', 'k0'])
})

it('accepts the same key twice, for a lost response, and never another with its id', async () => {
  const key = newKey()
  await createApiKey(world.table, key)
  await createApiKey(world.table, key)
  await expect(createApiKey(world.table, { ...newKey(), id: key.id, scope: 'admin' })).rejects.toThrow('conditional')
  expect(await getApiKey(world.table, key.id)).toEqual(key)
})

it('revokes once: of two concurrent requests one wins, and its time is kept', async () => {
  const key = newKey()
  await createApiKey(world.table, key)
  const done = await Promise.all([8, 9].map((at) => revokeApiKey(world.table, key.id, at * SECOND)))
  expect(done.filter(Boolean)).toHaveLength(1)
  expect((await getApiKey(world.table, key.id))?.revoked).toBe((done[0] ? 8 : 9) * SECOND)
  expect(await revokeApiKey(world.table, 'none', SECOND)).toBe(false)
  expect(await getApiKey(world.table, 'none')).toBeUndefined()
})

it('lets DynamoDB expire a key 90 days after its end, and never one without an end', async () => {
  const [endless, ending] = [newKey(), newKey(20 * SECOND)]
  for (const key of [endless, ending]) await createApiKey(world.table, key)
  expect(await droppedAfter(endless)).toBeUndefined()
  expect(await droppedAfter(ending)).toBe(20 + KEPT_SECONDS)
  for (const key of [endless, ending]) await revokeApiKey(world.table, key.id, 9 * SECOND)
  for (const key of [endless, ending]) expect(await droppedAfter(key)).toBe(9 + KEPT_SECONDS)
})
