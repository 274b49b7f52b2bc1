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

describe('a flow', () => {
  it('is created once per name', async () => {
    const first = await http.post('/flows/', { name: 'once', tags: ['a'], labels: { team: 'x', n: 1 } })
    const second = await http.post('/flows/', { name: 'once', tags: ['b'] })
    expect(first).toMatchObject({ status: 201, body: { name: 'once', tags: ['a'], labels: { team: 'x', n: 1 } } })
    expect(second).toMatchObject({ status: 200, body: first.body })
    expect((await http.get(`/flows/${first.body.id}`)).body).toEqual(first.body)
    expect((await http.get('/flows/name/once')).body).toEqual(first.body)
  })

  it('is created once under concurrent requests', async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => http.post('/flows/', { name: 'race' })))
    expect(replies.filter((reply) => reply.status === 201)).toHaveLength(1)
    expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(1)
  })

  it('is found by name', async () => {
    const { body } = await http.post('/flows/', { name: 'naïve flow #1' })
    expect((await http.get(`/flows/name/${encodeURIComponent('naïve flow #1')}`)).body.id).toBe(body.id)
    for (const name of ['a/b', '', '  ', 'a?', '..', 'x'.repeat(256), 5]) {
      expect((await http.post('/flows/', { name })).status).toBe(422)
    }
  })

  it('updates its tags, and answers 404 for a missing flow', async () => {
    const { body } = await http.post('/flows/', { name: 'tagged', tags: ['a'] })
    expect((await http.patch(`/flows/${body.id}`, { tags: ['b'] })).status).toBe(204)
    expect((await http.get(`/flows/${body.id}`)).body.tags).toEqual(['b'])
    const nowhere = '00000000-0000-0000-0000-000000000000'
    expect((await http.patch(`/flows/${nowhere}`, { tags: [] })).status).toBe(404)
    expect((await http.get(`/flows/${nowhere}`)).status).toBe(404)
    expect((await http.delete(`/flows/${nowhere}`)).status).toBe(404)
    expect((await http.get('/flows/not-an-id')).status).toBe(404)
  })
})

describe('lists of flows', () => {
  it('filter, sort and count', async () => {
    for (const name of ['list c', 'list a', 'list b']) await http.post('/flows/', { name, tags: [name.slice(-1)] })
    const names = async (body: Json) => (await http.post('/flows/filter', body)).body.map((each: Json) => each.name)
    const flows = { name: { like_: 'LIST' } }
    expect(await names({ flows })).toEqual(['list a', 'list b', 'list c'])
    expect(await names({ flows, sort: 'NAME_DESC', limit: 1, offset: 1 })).toEqual(['list b'])
    expect(await names({ flows, sort: 'CREATED_DESC' })).toEqual(['list b', 'list a', 'list c'])
    expect(await names({ flows: { ...flows, tags: { all_: ['a'] } } })).toEqual(['list a'])
    const id = (await http.get('/flows/name/list%20a')).body.id
    expect(await names({ flows: { id: { any_: [id] } } })).toEqual(['list a'])
    await http.post('/deployments/', { name: 'd', flow_id: id })
    expect(await names({ flows: { ...flows, deployment: { is_null_: false } } })).toEqual(['list a'])
    expect(await names({ flows, deployments: { name: { any_: ['d'] } } })).toEqual(['list a'])
    expect((await http.post('/flows/count', { flows })).body).toBe(3)
  })
})
