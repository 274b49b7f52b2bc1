import type { BlockDocument } from '#shared/block/block-document.ts'
import { type BlockFilters, matchesBlockDocument } from '#shared/block/block-filter.ts'
import type { Deps } from '#shared/deps.ts'
import * as storage from '#shared/storage/block/list-blocks.ts'
import { listBlockSchemas } from './list-block-schemas.ts'
import { listBlockTypes } from './list-block-types.ts'

/** Every block document that matches and whose type and schema do, in no particular order. */
export async function listBlockDocuments(deps: Deps, filters: BlockFilters): Promise<BlockDocument[]> {
  const { block_documents = {}, block_types, block_schemas } = filters
  const [documents, types, schemas] = await Promise.all([
    storage.listBlockDocuments(deps.table),
    block_types && listBlockTypes(deps, { block_types }),
    block_schemas && listBlockSchemas(deps, block_schemas),
  ])
  const typeIds = types && new Set(types.map((each) => each.id))
  const schemaIds = schemas && new Set(schemas.map((each) => each.id))
  return documents.filter(
    (each) =>
      matchesBlockDocument(each, block_documents) &&
      (!typeIds || typeIds.has(each.typeId)) &&
      (!schemaIds || schemaIds.has(each.schemaId)),
  )
}
