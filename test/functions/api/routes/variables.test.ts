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

describe('a variable', () => {
  it.each([['text'], [5], [1.5], [true], [null], [{ a: [1, { b: null }] }], [[1, 'a']], ['naïve 😀']])(
    'holds the JSON value %j',
    async (value) => {
      const name = `value_${world.ids.uuid().replaceAll('-', '_')}`
      const { status, body } = await http.post('/variables/', { name, value, tags: ['a'] })
      expect({ status, name: body.name, value: body.value, tags: body.tags }).toEqual({
        status: 201,
        name,
        value,
        tags: ['a'],
      })
      expect((await http.get(`/variables/${body.id}`)).body).toEqual(body)
      expect((await http.get(`/variables/name/${name}`)).body).toEqual(body)
    },
  )

  it('is created once per name under concurrent requests', async () => {
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, value) => http.post('/variables/', { name: 'race', value })),
    )
    const statuses = replies.map((reply) => reply.status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)])
    const winner = replies.find((reply) => reply.status === 201)
    expect((await http.get('/variables/name/race')).body).toEqual(winner?.body)
  })

  it('rejects names and values that Prefect rejects, naming the field', async () => {
    const fields = async (body: Json) => {
      const reply = await http.post('/variables/', body)
      expect(reply.status).toBe(422)
      return reply.body.exception_detail.map((each: Json) => each.loc.join('.'))
    }
    for (const name of ['A', 'a b', '', 'ä', 'a/b', 'x'.repeat(256), 5, null]) {
      expect(await fields({ name, value: 1 })).toEqual(['body.name'])
    }
    expect(await fields({ name: 'a' })).toEqual(['body.value'])
    expect(await fields({ name: 'a', value: 'x'.repeat(4_999) })).toEqual(['body.value'])
    expect((await http.post('/variables/', { name: 'longest', value: 'x'.repeat(4_998) })).status).toBe(201)
    expect(await fields({ name: 'a', value: 1, tags: 'b' })).toEqual(['body.tags'])
  })

  it('stores no secret', async () => {
    const key = 'AKIAIOSFODNN7EXAMPLE'
    const refused = await http.post('/variables/', { name: 'secret', value: { deep: [key] } })
    expect(refused.status).toBe(422)
    expect(refused.body.detail).toContain('body.value.deep.0: looks like an AWS access key')
    expect(JSON.stringify(refused.body)).not.toContain(key)
    await http.post('/variables/', { name: 'later_secret', value: 1 })
    expect((await http.patch('/variables/name/later_secret', { value: key })).status).toBe(422)
    expect((await http.get('/variables/name/later_secret')).body.value).toBe(1)
  })

  it('changes only what is given', async () => {
    const { body } = await http.post('/variables/', { name: 'changing', value: 'a', tags: ['x'] })
    expect((await http.patch(`/variables/${body.id}`, { value: { b: 1 } })).status).toBe(204)
    expect((await http.patch('/variables/name/changing', { name: 'changing', tags: ['y'] })).status).toBe(204)
    const after = (await http.get(`/variables/${body.id}`)).body
    expect(after).toEqual({ ...body, value: { b: 1 }, tags: ['y'], updated: after.updated })
    expect(after.updated > body.updated).toBe(true)
    await http.patch('/variables/name/changing', { value: null })
    expect((await http.get(`/variables/${body.id}`)).body.value).toBeNull()
  })

  it('loses no concurrent change', async () => {
    await http.post('/variables/', { name: 'together', value: 0 })
    const changes = [{ value: 1 }, { tags: ['t'] }]
    const replies = await Promise.all(changes.map((change) => http.patch('/variables/name/together', change)))
    expect(replies.map((reply) => reply.status)).toEqual([204, 204])
    expect((await http.get('/variables/name/together')).body).toMatchObject({ value: 1, tags: ['t'] })
  })

  it('keeps its name, since its id is derived from it', async () => {
    await http.post('/variables/', { name: 'kept', value: 1 })
    const { status, body } = await http.patch('/variables/name/kept', { name: 'other', value: 2 })
    expect({ status, detail: body.detail }).toMatchObject({ status: 422, detail: expect.stringContaining('body.name') })
    expect((await http.get('/variables/name/kept')).body.value).toBe(1)
  })

  it('can be deleted by id and by name, once', async () => {
    const { body } = await http.post('/variables/', { name: 'gone', value: 1 })
    expect((await http.delete(`/variables/${body.id}`)).status).toBe(204)
    for (const path of [`/variables/${body.id}`, '/variables/name/gone']) {
      expect((await http.get(path)).status).toBe(404)
      expect((await http.patch(path, { value: 1 })).status).toBe(404)
      expect((await http.delete(path)).status).toBe(404)
    }
    await http.post('/variables/', { name: 'gone', value: 2 })
    expect((await http.delete('/variables/name/gone')).status).toBe(204)
  })
})

describe('lists of variables', () => {
  it('filter, sort, page and count', async () => {
    for (const name of ['list_c', 'list_a', 'list_b'])
      await http.post('/variables/', { name, value: 1, tags: [name.slice(-1)] })
    const variables = { name: { like_: 'list_' } }
    const names = async (body: Json) => (await http.post('/variables/filter', body)).body.map((each: Json) => each.name)
    expect(await names({ variables, limit: null, sort: null })).toEqual(['list_a', 'list_b', 'list_c'])
    expect(await names({ variables, sort: 'NAME_DESC', limit: 1, offset: 1 })).toEqual(['list_b'])
    expect(await names({ variables, sort: 'CREATED_DESC' })).toEqual(['list_b', 'list_a', 'list_c'])
    expect(await names({ variables: { ...variables, tags: { all_: ['a'] } } })).toEqual(['list_a'])
    expect(await names({ variables: { id: { any_: [] } } })).toEqual([])
    expect((await http.post('/variables/count', { variables })).body).toBe(3)
    expect((await http.post('/variables/filter', { limit: 201 })).status).toBe(422)
  })
})
