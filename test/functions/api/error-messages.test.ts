import { afterAll, beforeAll, expect, it } from 'vitest'
import { api } from '../../support/api.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it.each([
  [{ name: 'x', type: 5 }, 'body.type: Invalid input: expected string, received number'],
  [{ type: 'process' }, 'body.name: Invalid input: expected string, received undefined'],
  [
    { name: 'x', type: 'process', concurrency_limit: -1 },
    'body.concurrency_limit: Too small: expected number to be >=0',
  ],
  [{ name: 'a/b', type: 'process' }, 'body.name: must not contain any of / % & > < ?'],
])('%j is rejected with a message that names the field and the problem', async (body, detail) => {
  const reply = await api(world).post('/work_pools/', body)
  expect(reply).toMatchObject({ status: 422, body: { detail } })
})
