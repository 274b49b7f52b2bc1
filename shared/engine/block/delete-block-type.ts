import type { Deps } from '#shared/deps.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { listBlockDocuments, listBlockSchemas } from '#shared/storage/block/list-blocks.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { unchangedSince } from '#shared/storage/dynamo/json-item.ts'
import { blockSchemaKey, blockTypeKey } from '#shared/storage/dynamo/table.ts'

/**
 * Deletes a block type with its schemas. Prefect deletes its documents with it; here they must be deleted first, since
 * a document created concurrently would be left without a type. Raises not_found and in_use.
 */
export async function deleteBlockType(deps: Deps, id: string): Promise<void> {
  const document = (await listBlockDocuments(deps.table)).find((each) => each.typeId === id)
  if (document) {
    throw new DomainError('in_use', `The block type still has the block document '${document.name}'; delete it first.`)
  }
  const schemas = (await listBlockSchemas(deps.table)).filter((each) => each.typeId === id)
  // The type comes first, for no schema can be added to one that is gone. A repeated request deletes what was left. What
  // was registered again since then belongs to another life of the type.
  const deleted = await deleteItem(deps.table, blockTypeKey(id))
  for (const schema of schemas) await deleteItem(deps.table, blockSchemaKey(schema.id), unchangedSince(schema))
  if (!deleted && schemas.length === 0) throw notFound('Block type', id)
  deps.log.info('block type deleted', { blockTypeId: id })
}
