import type { BlockDocument } from '#shared/block/block-document.ts'
import {
  type BlockDocumentFilter,
  type BlockSchemaFilter,
  type BlockTypeFilter,
  matchesBlockDocument,
  matchesBlockSchema,
  matchesBlockType,
} from '#shared/block/block-filter.ts'
import type { BlockSchema } from '#shared/block/block-schema.ts'
import type { BlockType } from '#shared/block/block-type.ts'
import type { Deps } from '#shared/deps.ts'
import { listBlockDocuments, listBlockSchemas, listBlockTypes } from '#shared/storage/block/list-blocks.ts'

export interface BlockFilters {
  block_documents?: BlockDocumentFilter
  block_types?: BlockTypeFilter
  block_schemas?: BlockSchemaFilter
}

/** Every block type that matches, by name; with a filter on schemas, those that have such a schema. */
export async function findBlockTypes(deps: Deps, filters: BlockFilters): Promise<BlockType[]> {
  const { block_types = {}, block_schemas } = filters
  const [types, schemas] = await Promise.all([
    listBlockTypes(deps.table),
    block_schemas && findBlockSchemas(deps, block_schemas),
  ])
  const having = schemas && new Set(schemas.map((each) => each.typeId))
  return types
    .filter((type) => matchesBlockType(type, block_types) && (!having || having.has(type.id)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Every block schema that matches, the newest first. */
export async function findBlockSchemas(deps: Deps, filter: BlockSchemaFilter): Promise<BlockSchema[]> {
  const schemas = await listBlockSchemas(deps.table)
  return schemas.filter((schema) => matchesBlockSchema(schema, filter)).toSorted((a, b) => b.created - a.created)
}

/** Every block document that matches and whose type and schema do, in no particular order. */
export async function findBlockDocuments(deps: Deps, filters: BlockFilters): Promise<BlockDocument[]> {
  const { block_documents = {}, block_types, block_schemas } = filters
  const [documents, types, schemas] = await Promise.all([
    listBlockDocuments(deps.table),
    block_types && findBlockTypes(deps, { block_types }),
    block_schemas && findBlockSchemas(deps, block_schemas),
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
