import { type BlockDocument, blockDocumentIdOf } from '#shared/block/block-document.ts'
import type { Deps } from '#shared/deps.ts'
import { alreadyExists, notFound } from '#shared/errors.ts'
import { idFromName } from '#shared/ids.ts'
import { getBlockDocument } from '#shared/storage/block/get-block-document.ts'
import { putBlockDocument } from '#shared/storage/block/put-block-document.ts'
import { assertUsableDocument } from './assert-usable-document.ts'
import type { NewBlockDocument } from './update-block-document.ts'

/**
 * Creates a block document. An anonymous one is identified by its content: saving it again returns the existing one, so
 * clients that save one per flow run create only one. Raises not_found for its type or schema, already_exists,
 * too_large, and invalid for secrets and for references that lead nowhere.
 */
export async function createBlockDocument(deps: Deps, given: NewBlockDocument): Promise<BlockDocument> {
  const { typeId, schemaId, data, anonymous } = given
  const name = given.name ?? `anonymous-${idFromName('anonymous-block', typeId, schemaId, JSON.stringify(data))}`
  const now = deps.clock.now()
  const id = blockDocumentIdOf(typeId, name)
  const document: BlockDocument = { id, name, typeId, schemaId, data, anonymous, created: now, updated: now }
  await assertUsableDocument(deps, document)
  const result = await putBlockDocument(deps.table, document, undefined)
  if (result === 'schema_gone') throw notFound('Block type', typeId)
  if (result === 'outdated') {
    const existing = given.name === undefined ? await getBlockDocument(deps.table, id) : undefined
    if (existing) return existing
    throw alreadyExists('Block document', name)
  }
  deps.log.info('block document created', { blockDocumentId: id, blockTypeId: typeId, anonymous })
  return document
}
