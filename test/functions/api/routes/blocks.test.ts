import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listBlockSchemas } from '#shared/storage/block/list-blocks.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { blockTypeKey } from '#shared/storage/dynamo/table.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
})
afterAll(() => world.close())

const NOWHERE = '00000000-0000-4000-8000-000000000000'
const reference = (id: string) => ({ $ref: { block_document_id: id } })

/** Registers a block as Prefect's clients do: its type, then its schema. */
async function register(slug: string, fields: Json = {}) {
  const type = (await http.post('/block_types/', { name: `Type ${slug}`, slug })).body
  const schema = (await http.post('/block_schemas/', { block_type_id: type.id, fields: { title: slug, ...fields } }))
    .body
  const ids = { block_type_id: type.id, block_schema_id: schema.id }
  const save = (name: string, data: Json = {}) => http.post('/block_documents/', { ...ids, name, data })
  return { type, schema, ids, save }
}

describe('a block type', () => {
  it('is created once per slug, and found by id and slug', async () => {
    const texts = { logo_url: 'https://a', documentation_url: null, description: 'what <it> is', code_example: 'a()' }
    const first = await http.post('/block_types/', { name: 'My Block', slug: 'my-block', ...texts })
    expect(first).toMatchObject({ status: 201, body: { name: 'My Block', slug: 'my-block', ...texts } })
    expect((await http.post('/block_types/', { name: 'Other', slug: 'my-block' })).status).toBe(409)
    expect((await http.get('/block_types/slug/my-block')).body).toEqual(first.body)
    expect((await http.get(`/block_types/${first.body.id}`)).body).toEqual(first.body)
    expect((await http.patch(`/block_types/${first.body.id}`, { description: 'b', logo_url: null })).status).toBe(204)
    expect((await http.get('/block_types/slug/my-block')).body).toMatchObject({
      ...texts,
      description: 'b',
      logo_url: null,
    })
  })

  it('rejects slugs and names that Prefect rejects', async () => {
    for (const slug of ['A', 'a_b', '', 'a/b']) {
      expect((await http.post('/block_types/', { name: 'a', slug })).status).toBe(422)
    }
    expect((await http.post('/block_types/', { name: 'Prefect Thing', slug: 'thing' })).status).toBe(403)
    for (const path of ['/block_types/slug/nope', `/block_types/${NOWHERE}`]) {
      expect((await http.get(path)).status).toBe(404)
    }
    expect((await http.patch(`/block_types/${NOWHERE}`, {})).status).toBe(404)
    expect((await http.delete(`/block_types/${NOWHERE}`)).status).toBe(404)
  })

  it('is deleted with its schemas, once it has no documents', async () => {
    const { type, schema, save } = await register('short-lived')
    const document = (await save('a')).body
    const refused = await http.delete(`/block_types/${type.id}`)
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("'a'") } })
    await http.delete(`/block_documents/${document.id}`)
    expect((await http.delete(`/block_types/${type.id}`)).status).toBe(204)
    for (const path of [`/block_types/${type.id}`, `/block_schemas/${schema.id}`]) {
      expect((await http.get(path)).status).toBe(404)
    }
    expect((await save('b')).status).toBe(404)
    expect((await http.post('/block_schemas/', { block_type_id: type.id, fields: { x: 1 } })).status).toBe(404)
  })
})

it('finishes an interrupted deletion of a block type', async () => {
  const { type, schema } = await register('half-deleted')
  await deleteItem(world.table, blockTypeKey(type.id))
  expect((await http.get(`/block_schemas/${schema.id}`)).status).toBe(404)
  expect((await http.delete(`/block_types/${type.id}`)).status).toBe(204)
  expect((await http.delete(`/block_types/${type.id}`)).status).toBe(404)
  expect(await listBlockSchemas(world.table)).not.toContainEqual(expect.objectContaining({ typeId: type.id }))
})

describe('a block schema', () => {
  it('is found by its checksum, which distinguishes 1.0 from 1 as Python does', async () => {
    const { type } = await register('by-checksum')
    const send = (fields: string, version: string) =>
      http.post('/block_schemas/', undefined, {
        rawBody: `{"block_type_id":"${type.id}","version":"${version}","capabilities":["read-path"],"fields":${fields}}`,
      })
    const [whole, fraction] = [await send('{"default":1}', '1'), await send('{"default":1.0}', '1')]
    expect([whole.status, fraction.status]).toEqual([201, 201])
    expect(whole.body.checksum).not.toBe(fraction.body.checksum)
    const path = `/block_schemas/checksum/${whole.body.checksum}`
    expect((await http.get(`${path}?version=1`)).body).toEqual(whole.body)
    expect((await http.get(`${path}?version=2`)).status).toBe(404)
    const newer = await send('{"default":1}', '2')
    expect((await http.get(path)).body).toEqual(newer.body)
    expect((await http.get(`/block_schemas/${newer.body.id}`)).body).toEqual(newer.body)
    const list = await http.post('/block_schemas/filter', {
      block_schemas: { block_type_id: { any_: [type.id] } },
      limit: 1,
    })
    expect(list.body).toEqual([newer.body])
    expect((await http.get('/block_capabilities/')).body).toContain('read-path')
  })

  it('is registered once under concurrent requests', async () => {
    const { type } = await register('registered')
    const body = { block_type_id: type.id, fields: { many: true } }
    const replies = await Promise.all(Array.from({ length: 8 }, () => http.post('/block_schemas/', body)))
    expect(replies.filter((reply) => reply.status === 201)).toHaveLength(1)
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(7)
    expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(1)
  })

  it('refers only to existing block types', async () => {
    const { type } = await register('with-references')
    const missing = { block_type_slug: 'missing-type', block_schema_checksum: 'sha256:0' }
    for (const each of [missing, [{ ...missing, block_type_slug: 'with-references' }, missing]]) {
      const fields = { block_schema_references: { child: each } }
      const { status, body } = await http.post('/block_schemas/', { block_type_id: type.id, fields })
      expect({ status, detail: body.detail }).toEqual({ status: 409, detail: expect.stringContaining('missing-type') })
    }
  })
})

describe('a block document', () => {
  it('is created once per type and name, and read with its type and schema', async () => {
    const { type, schema, ids, save } = await register('plain')
    const { status, body } = await save('my-doc', { a: { b: [1, null] } })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ...ids,
      name: 'my-doc',
      data: { a: { b: [1, null] } },
      block_type: type,
      block_type_name: 'Type plain',
      block_schema: schema,
      block_document_references: {},
      is_anonymous: false,
    })
    for (const path of [`/block_documents/${body.id}`, '/block_types/slug/plain/block_documents/name/my-doc']) {
      expect((await http.get(`${path}?include_secrets=true`)).body).toEqual(body)
    }
    expect((await save('my-doc')).status).toBe(409)
    expect((await (await register('plain-2')).save('my-doc')).status).toBe(201)
    expect((await http.get('/block_types/slug/plain/block_documents')).body).toEqual([body])
  })

  it('rejects what Prefect rejects', async () => {
    const { ids } = await register('refusing')
    const other = await register('refusing-2')
    const statusOf = async (body: Json) => (await http.post('/block_documents/', { ...ids, name: 'a', ...body })).status
    for (const name of ['A', 'a_b', 'a b', '', null]) expect(await statusOf({ name })).toBe(422)
    expect(await statusOf({ block_schema_id: other.ids.block_schema_id })).toBe(422)
    expect(await statusOf({ block_schema_id: NOWHERE })).toBe(404)
    expect((await http.get('/block_types/slug/refusing/block_documents/name/a')).status).toBe(404)
  })

  it('refers only to existing documents, whatever the form of the reference', async () => {
    const { save } = await register('referring')
    for (const id of ['', 'x'.repeat(2_000), NOWHERE]) {
      const { status, body } = await save('lost', { a: reference(id) })
      expect([status, body.detail]).toEqual([422, `body.data.a: block document '${id}' not found`])
    }
  })

  it('merges a change, or replaces the data, and loses no concurrent change', async () => {
    const { body } = await (await register('changed')).save('doc', { a: 1, b: { c: 1, d: 2 } })
    const patch = (change: Json) => http.patch(`/block_documents/${body.id}`, change)
    const data = async () => (await http.get(`/block_documents/${body.id}`)).body.data
    expect((await patch({ data: { b: { c: 3 } } })).status).toBe(204)
    expect(await data()).toEqual({ a: 1, b: { c: 3 } })
    const replies = await Promise.all(['x', 'y', 'z'].map((field) => patch({ data: { [field]: 1 } })))
    expect(replies.map((reply) => reply.status)).toEqual([204, 204, 204])
    expect(await data()).toEqual({ a: 1, b: { c: 3 }, x: 1, y: 1, z: 1 })
    await patch({ data: { e: 5 }, merge_existing_data: false })
    expect(await data()).toEqual({ e: 5 })
    expect((await http.patch(`/block_documents/${NOWHERE}`, { data: {} })).status).toBe(404)
  })

  it('stores no secret: neither in secret fields nor a value that looks like one', async () => {
    const { save } = await register('secretive', { secret_fields: ['password', 'child.token', 'headers.*'] })
    const refused = await save('refused', {
      password: 'hunter2',
      headers: { a: 'swordfish' },
      child: { token: 'xyzzy' },
    })
    expect(refused.status).toBe(422)
    expect(refused.body.detail).toContain('body.data.password: is secret, and secrets are not stored here')
    expect(refused.body.detail).toMatch(/Secrets Manager, SSM or an environment variable/)
    expect(refused.body.exception_detail).toHaveLength(3)
    expect(JSON.stringify(refused.body)).not.toMatch(/hunter2|swordfish|xyzzy/)
    expect((await save('refused', { user: 'AKIAIOSFODNN7EXAMPLE' })).status).toBe(422)
    expect((await http.get('/block_types/slug/secretive/block_documents/name/refused')).status).toBe(404)
    const data = { password: '{{ $PASSWORD }}', headers: {}, child: { token: null } }
    const { status, body } = await save('accepted', data)
    expect({ status, data: body.data }).toEqual({ status: 201, data })
    const patch = await http.patch(`/block_documents/${body.id}`, { data: { child: { token: 'xyzzy' } } })
    expect(patch.status).toBe(422)
    expect((await http.get(`/block_documents/${body.id}?include_secrets=true`)).body.data).toEqual(data)
  })

  it('is returned with the data of the documents it refers to', async () => {
    const { save } = await register('nested')
    const inner = (await save('inner', { x: 1 })).body
    const middle = (await save('middle', { inner: reference(inner.id) })).body
    const outer = (await save('outer', { middle: reference(middle.id), y: 2 })).body
    expect(outer.data).toEqual({ middle: { inner: { x: 1 } }, y: 2 })
    const { block_document: shown } = outer.block_document_references.middle
    expect(shown).toMatchObject({ id: middle.id, name: 'middle', is_anonymous: false, block_type: inner.block_type })
    expect(shown.block_document_references.inner.block_document.id).toBe(inner.id)
    await http.patch(`/block_documents/${inner.id}`, { data: { x: 5 } })
    const data = async () => (await http.get(`/block_documents/${outer.id}`)).body.data
    expect(await data()).toEqual({ middle: { inner: { x: 5 } }, y: 2 })
    const circle = await http.patch(`/block_documents/${inner.id}`, { data: { outer: reference(outer.id) } })
    expect(circle.status).toBe(422)
    expect((await save('lost', { a: reference(NOWHERE) })).body.detail).toContain('body.data.a')
    await http.delete(`/block_documents/${middle.id}`)
    expect(await data()).toEqual({ y: 2 })
  })

  it('without a name is identified by its content, and listed only on request', async () => {
    const { ids } = await register('anonymous')
    const save = (data: Json) => http.post('/block_documents/', { ...ids, data, is_anonymous: true })
    const [first, again, other] = [await save({ a: 1 }), await save({ a: 1 }), await save({ a: 2 })]
    expect([first.status, again.status, other.status]).toEqual([201, 201, 201])
    expect(again.body).toEqual(first.body)
    expect(other.body.id).not.toBe(first.body.id)
    expect((await http.patch(`/block_documents/${first.body.id}`, { data: { a: 3 } })).status).toBe(422)
    const count = async (filter: Json) =>
      (
        await http.post('/block_documents/count', {
          block_documents: filter,
          block_types: { slug: { any_: ['anonymous'] } },
        })
      ).body
    expect(await count(null)).toBe(0)
    expect(await count({ is_anonymous: { eq_: true } })).toBe(2)
    expect(await count({ is_anonymous: null })).toBe(2)
    expect((await http.get(`/block_documents/${first.body.id}`)).body.is_anonymous).toBe(true)
  })
})

describe('lists of blocks', () => {
  it('filter, sort, page and count', async () => {
    const [b, a] = [await register('list-b'), await register('list-a')]
    for (const name of ['x', 'z']) await b.save(name)
    await a.save('y')
    const filter = { block_types: { name: { like_: 'type LIST' } } }
    const names = async (body: Json) =>
      (await http.post('/block_documents/filter', { ...filter, ...body })).body.map((each: Json) => each.name)
    expect(await names({ include_secrets: true, sort: null })).toEqual(['x', 'y', 'z'])
    expect(await names({ sort: 'NAME_DESC', limit: 1, offset: 1 })).toEqual(['y'])
    expect(await names({ sort: 'BLOCK_TYPE_AND_NAME_ASC' })).toEqual(['y', 'x', 'z'])
    expect(await names({ block_documents: { name: { any_: ['x'] } } })).toEqual(['x'])
    expect(await names({ block_schemas: { id: { any_: [a.schema.id] } } })).toEqual(['y'])
    const slugs = async (body: Json) =>
      (await http.post('/block_types/filter', body)).body.map((each: Json) => each.slug)
    expect(await slugs(filter)).toEqual(['list-a', 'list-b'])
    expect(await slugs({ block_schemas: { id: { any_: [b.schema.id] } } })).toEqual(['list-b'])
  })
})
