import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { BlockDocument } from '#shared/block/block-document.ts'
import type { BlockSchema } from '#shared/block/block-schema.ts'
import type { BlockType } from '#shared/block/block-type.ts'
import { getBlockDocument, getBlockDocuments } from '#shared/storage/block/get-block-document.ts'
import { getBlockSchema, getBlockSchemas } from '#shared/storage/block/get-block-schema.ts'
import { getBlockType, getBlockTypes } from '#shared/storage/block/get-block-type.ts'
import { listBlockDocuments, listBlockSchemas, listBlockTypes } from '#shared/storage/block/list-blocks.ts'
import { putBlockDocument } from '#shared/storage/block/put-block-document.ts'
import { putBlockSchema } from '#shared/storage/block/put-block-schema.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { blockSchemaKey, blockTypeKey } from '#shared/storage/dynamo/table.ts'
import { at, T0 } from '../../support/fixtures/a-run.ts'
import { changesNothing } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let type: BlockType
let schema: BlockSchema
let document: BlockDocument
beforeEach(async () => {
  const times = { created: T0, updated: T0 }
  const texts = { logoUrl: null, documentationUrl: null, description: null, codeExample: null }
  type = { id: world.ids.uuid(), name: 'T', slug: 't', protected: false, ...texts, ...times } as BlockType
  schema = {
    id: world.ids.uuid(),
    typeId: type.id,
    checksum: 'c',
    fields: {},
    capabilities: [],
    version: '1',
    ...times,
  }
  document = {
    id: world.ids.uuid(),
    name: 'd',
    typeId: type.id,
    schemaId: schema.id,
    data: {},
    anonymous: false,
    ...times,
  }
  await putJsonItem(world.table, blockTypeKey(type.id), type, undefined)
})

const put = (before?: BlockDocument, of = document) => putBlockDocument(world.table, of, before)

describe('a block schema', () => {
  it('is written once, for a type that is there', async () => {
    expect(await putBlockSchema(world.table, schema)).toBe('stored')
    expect(await changesNothing(world.table, () => putBlockSchema(world.table, schema))).toBe('there')
    const loose = { ...schema, id: world.ids.uuid(), typeId: world.ids.uuid() }
    expect(await changesNothing(world.table, () => putBlockSchema(world.table, loose))).toBe('type_gone')
  })
})

describe('a block document', () => {
  it('is written as new, then on what was read', async () => {
    await putBlockSchema(world.table, schema)
    expect(await put()).toBe('stored')
    expect(await changesNothing(world.table, () => put())).toBe('outdated')
    const changed = { ...document, data: { a: 1 }, updated: at(1) }
    expect(await put(document, changed)).toBe('stored')
    expect(await changesNothing(world.table, () => put(document, changed))).toBe('outdated')
    expect(await getBlockDocument(world.table, document.id)).toEqual(changed)
  })

  it('is not written without its type or its schema', async () => {
    expect(await changesNothing(world.table, () => put())).toBe('schema_gone')
    await putBlockSchema(world.table, schema)
    await deleteItem(world.table, blockTypeKey(type.id))
    expect(await changesNothing(world.table, () => put())).toBe('schema_gone')
    await deleteItem(world.table, blockSchemaKey(schema.id))
  })
})

it('types, schemas and documents are read alone, together and all, and ids that are none are passed over', async () => {
  await putBlockSchema(world.table, schema)
  await put()
  const none = world.ids.uuid()
  expect([await getBlockType(world.table, type.id), await getBlockType(world.table, none)]).toEqual([type, undefined])
  const schemas = [await getBlockSchema(world.table, schema.id), await getBlockSchema(world.table, none)]
  expect(schemas).toEqual([schema, undefined])
  expect(await getBlockTypes(world.table, [type.id, type.id, none])).toEqual([type])
  expect(await getBlockSchemas(world.table, [schema.id, schema.id, none])).toEqual([schema])
  expect(await getBlockDocuments(world.table, [document.id, document.id, none, 'x'.repeat(3000)])).toEqual([document])
  expect(await listBlockTypes(world.table)).toContainEqual(type)
  expect(await listBlockSchemas(world.table)).toContainEqual(schema)
  expect(await listBlockDocuments(world.table)).toContainEqual(document)
})
