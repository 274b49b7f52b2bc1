import { afterAll, beforeAll, expect, it } from 'vitest'
import { api } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
})
afterAll(() => world.close())

const resource = 'prefect.deployment.00000000-0000-4000-8000-000000000000'

it('has no automations and no events, whatever the request', async () => {
  const asked = { automations: { name: { any_: ['a'] } }, sort: 'UPDATED_DESC', limit: null, offset: 0 }
  expect((await http.post('/automations/filter', asked)).body).toEqual([])
  expect((await http.post('/automations/count', asked)).body).toBe(0)
  expect((await http.get(`/automations/related-to/${resource}`)).body).toEqual([])
  expect((await http.get('/automations/00000000-0000-4000-8000-000000000000')).status).toBe(404)
  expect((await http.post('/events/filter', { filter: {} })).body).toEqual({ events: [], total: 0, next_page: null })
})

it('accepts deployments without triggers, and says that triggers are not run', async () => {
  expect((await http.delete(`/automations/owned-by/${resource}`)).status).toBe(202)
  const { status, body } = await http.post('/automations/', { name: 'a', trigger: {}, actions: [] })
  expect({ status, detail: body.detail }).toEqual({ status: 422, detail: expect.stringContaining('triggers') })
})
