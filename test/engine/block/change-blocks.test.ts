import { beforeEach, expect, it } from 'vitest'
import type { BlockSchema } from '#shared/block/block-schema.ts'
import type { BlockType } from '#shared/block/block-type.ts'
import { createBlockDocument } from '#shared/engine/block/create-block-document.ts'
import { createBlockType } from '#shared/engine/block/create-block-type.ts'
import { deleteBlockType } from '#shared/engine/block/delete-block-type.ts'
import { listBlockSchemas } from '#shared/engine/block/list-block-schemas.ts'
import { listBlockTypes } from '#shared/engine/block/list-block-types.ts'
import { registerBlockSchema } from '#shared/engine/block/register-block-schema.ts'
import { updateBlockDocument } from '#shared/engine/block/update-block-document.ts'
import { updateBlockType } from '#shared/engine/block/update-block-type.ts'
import { DomainError } from '#shared/errors.ts'
import { idFromName } from '#shared/ids.ts'
import { getBlockDocument } from '#shared/storage/block/get-block-document.ts'
import { getBlockType } from '#shared/storage/block/get-block-type.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let type: BlockType
let schema: BlockSchema
stageForEachTest((stage) => {
  world = stage.world
})
beforeEach(async () => {
  type = await typeNamed('Json')
  schema = (await schemaOf(type, 'c1')).schema
})

const typeNamed = (name: string) => {
  const texts = { logoUrl: null, documentationUrl: null, description: null, codeExample: null }
  return createBlockType(world, { name, slug: name.toLowerCase(), ...texts })
}
const schemaOf = ({ id }: BlockType, checksum: string, fields: Record<string, unknown> = {}) =>
  registerBlockSchema(world, { typeId: id, checksum, version: '1', fields, capabilities: [] })
const documentOf = (data: Record<string, unknown>) =>
  createBlockDocument(world, { typeId: type.id, schemaId: schema.id, data, anonymous: false, name: 'd' })
const logged = (message: string) => world.logged.find((line) => line.message === message)?.fields

it('each change of a document or type is later than the one before it, whatever the clock says, and logged', async () => {
  const { id, updated } = await documentOf({ a: 1 })
  const at = (now: number) => ({ ...world, clock: { now: () => now } })
  await updateBlockDocument(at(updated - 1_000), id, { data: { b: 2 }, merge: true })
  expect(await getBlockDocument(world.table, id)).toMatchObject({ data: { a: 1, b: 2 }, updated: updated + 1 })
  const other = (await schemaOf(type, 'c2')).schema
  await updateBlockDocument(at(updated + 5_000), id, { data: { c: 3 }, merge: false, schemaId: other.id })
  const last = { data: { c: 3 }, schemaId: other.id, updated: updated + 5_000 }
  expect(await getBlockDocument(world.table, id)).toMatchObject(last)
  await updateBlockType(at(type.updated - 1_000), type.id, { description: 'new', logoUrl: undefined })
  expect(await getBlockType(world.table, type.id)).toEqual({ ...type, description: 'new', updated: type.updated + 1 })
  await updateBlockType(at(type.updated + 5_000), type.id, {})
  expect(await getBlockType(world.table, type.id)).toMatchObject({ updated: type.updated + 5_000 })
  expect(logged('block type created')).toEqual({ blockTypeId: type.id, slug: 'json' })
  expect(logged('block document created')).toEqual({ blockDocumentId: id, blockTypeId: type.id, anonymous: false })
  expect(logged('block document changed')).toEqual({ blockDocumentId: id })
})

it('a change of a document is given up after ten tries in which others came first', async () => {
  const { id } = await documentOf({})
  let tries = 0
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb TransactWriteItemsCommand') {
      await updateBlockDocument(world, id, { data: { n: (tries += 1) }, merge: false })
    }
    return await go()
  })
  const late = updateBlockDocument(deps, id, { data: {}, merge: false })
  await expect(late).rejects.toMatchObject({ code: 'unavailable' })
  expect(tries).toBe(10)
})

it('a type that is created twice is one, if both say the same', async () => {
  const [one, other] = await Promise.all([typeNamed('Twice'), typeNamed('Twice')])
  expect(other).toEqual(one)
  await updateBlockType(world, one.id, { description: 'new' })
  await expect(typeNamed('Twice')).rejects.toMatchObject({ code: 'already_exists' })
})

it('a document needs a schema of its own type', async () => {
  const other = (await schemaOf(await typeNamed('Other'), 'c3')).schema
  const wanted = { typeId: type.id, data: {}, anonymous: false, name: 'e' }
  const act = (schemaId: string) => createBlockDocument(world, { ...wanted, schemaId })
  await expect(act(other.id)).rejects.toBeInstanceOf(DomainError)
  await expect(act(idFromName('none'))).rejects.toBeInstanceOf(DomainError)
  const { id } = await documentOf({})
  await expect(updateBlockDocument(world, id, { merge: true, schemaId: other.id })).rejects.toBeInstanceOf(DomainError)
})

it('a schema is registered once, also by requests at the same time, for types that are there', async () => {
  expect(await schemaOf(type, 'c1')).toEqual({ schema, created: false })
  let overtaken = false
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb TransactWriteItemsCommand' && !overtaken) {
      overtaken = true
      await schemaOf(type, 'c9')
      world.clock.pass(1)
    }
    return await go()
  })
  const given = { typeId: type.id, checksum: 'c9', version: '1', fields: {}, capabilities: [] }
  const late = await registerBlockSchema(deps, given)
  expect(late).toEqual({ schema: (await schemaOf(type, 'c9')).schema, created: false })
  const unknown = schemaOf({ ...type, id: idFromName('none') }, 'c8')
  await expect(unknown).rejects.toMatchObject({ code: 'not_found' })
  const references = (slug: unknown) => ({ block_schema_references: { part: [{ block_type_slug: slug }, 'odd'] } })
  expect((await schemaOf(type, 'c7', references('json'))).created).toBe(true)
  await expect(schemaOf(type, 'c6', references('none'))).rejects.toThrow("block type 'none' was not found")
  const large = schemaOf(type, 'c5', { text: 'x'.repeat(500_000) })
  await expect(large).rejects.toMatchObject({ code: 'too_large' })
})

it('types are listed by name, schemas the newest first', async () => {
  for (const name of ['Zed', 'Alpha', 'Mid']) await typeNamed(name)
  expect((await listBlockTypes(world, {})).map(({ name }) => name)).toEqual(['Alpha', 'Json', 'Mid', 'Zed'])
  for (const checksum of ['b', 'a', 'c']) {
    world.clock.pass(1)
    await schemaOf(type, checksum)
  }
  const listed = await listBlockSchemas(world, {})
  expect(listed.map(({ checksum }) => checksum)).toEqual(['c', 'a', 'b', 'c1'])
})

it('a type is deleted with its own schemas, once it has no documents', async () => {
  const other = await typeNamed('Other')
  const kept = (await schemaOf(other, 'c3')).schema
  await createBlockDocument(world, { typeId: other.id, schemaId: kept.id, data: {}, anonymous: false, name: 'o' })
  await expect(deleteBlockType(world, other.id)).rejects.toMatchObject({ code: 'in_use' })
  await deleteBlockType(world, type.id)
  expect((await listBlockSchemas(world, {})).map(({ id }) => id)).toEqual([kept.id])
  expect(logged('block type deleted')).toEqual({ blockTypeId: type.id })
  await expect(deleteBlockType(world, type.id)).rejects.toMatchObject({ code: 'not_found' })
})
