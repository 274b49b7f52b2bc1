import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
})
afterAll(() => world.close())

const RUN = '00000000-0000-4000-8000-00000000000a'

describe('an artifact', () => {
  it.each([['# text'], [[{ a: 1 }]], [{ deep: { er: null } }], [0.5], [null]])('shows %j', async (data) => {
    const given = { key: 'shown', type: 'any', description: 'what', data, metadata_: { a: 'b' }, flow_run_id: RUN }
    const { status, body } = await http.post('/artifacts/', given)
    expect(status).toBe(201)
    expect(body).toMatchObject({ ...given, task_run_id: null })
    expect((await http.get(`/artifacts/${body.id}`)).body).toEqual(body)
    expect((await http.get('/artifacts/shown/latest')).body).toEqual(body)
  })

  it('changes only what is given, even concurrently with another change', async () => {
    const { body } = await http.post('/artifacts/', { type: 'progress', data: 0, description: 'd' })
    const path = `/artifacts/${body.id}`
    const replies = await Promise.all([http.patch(path, { data: 50 }), http.patch(path, { metadata_: { a: 'b' } })])
    expect(replies.map((reply) => reply.status)).toEqual([204, 204])
    const after = (await http.get(path)).body
    expect(after).toEqual({ ...body, data: 50, metadata_: { a: 'b' }, updated: after.updated })
    await http.patch(path, { description: null })
    expect((await http.get(path)).body.description).toBeNull()
  })

  it('can be deleted, once', async () => {
    const path = `/artifacts/${(await http.post('/artifacts/', { key: 'deleted' })).body.id}`
    expect((await http.delete(path)).status).toBe(204)
    for (const reply of [await http.get(path), await http.patch(path, {}), await http.delete(path)]) {
      expect(reply.status).toBe(404)
    }
    expect((await http.get('/artifacts/deleted/latest')).status).toBe(404)
  })

  it('rejects what cannot be stored, naming the field', async () => {
    const refused = async (body: Json, status = 422) => {
      const reply = await http.post('/artifacts/', body)
      expect(reply.status).toBe(status)
      return reply.body.detail
    }
    for (const key of ['A', 'a_b', '']) expect(await refused({ key })).toContain('body.key')
    expect(await refused({ metadata_: { a: 1 } })).toContain('body.metadata_')
    expect(await refused({ data: 'x'.repeat(400_000) }, 413)).toContain('body.data')
  })
})

describe('lists of artifacts', () => {
  it('filter, sort and page; or show the latest of each key', async () => {
    const make = async (key: string | null, n: number, more: Json = {}) =>
      (await http.post('/artifacts/', { key, type: 'list', data: n, ...more })).body
    const made = [await make('b', 1), await make('a', 2), await make('b', 3, { task_run_id: RUN }), await make(null, 4)]
    const artifacts = { type: { any_: ['list'] } }
    const data = async (path: string, body: Json) =>
      (await http.post(path, { artifacts, ...body })).body.map((each: Json) => each.data)
    expect(await data('/artifacts/filter', { flow_runs: null, sort: null })).toEqual([4, 3, 2, 1])
    expect(await data('/artifacts/filter', { sort: 'KEY_ASC', limit: 2, offset: 1 })).toEqual([2, 1])
    expect(await data('/artifacts/filter', { artifacts: { task_run_id: { any_: [RUN] } } })).toEqual([3])
    expect(await data('/artifacts/filter', { artifacts: { ...artifacts, key: { exists_: false } } })).toEqual([4])
    expect(await data('/artifacts/latest/filter', { sort: 'KEY_ASC' })).toEqual([2, 3])
    const { body } = await http.post('/artifacts/latest/filter', { artifacts: { latest_id: { any_: [made[2].id] } } })
    expect(body).toEqual([{ ...made[2], latest_id: made[2].id }])
    expect((await http.post('/artifacts/filter', { flows: { name: { any_: ['f'] } } })).status).toBe(422)
  })
})
