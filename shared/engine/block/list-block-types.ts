import { type BlockFilters, matchesBlockType } from '#shared/block/block-filter.ts'
import type { BlockType } from '#shared/block/block-type.ts'
import type { Deps } from '#shared/deps.ts'
import * as storage from '#shared/storage/block/list-blocks.ts'
import { listBlockSchemas } from './list-block-schemas.ts'

/** Every block type that matches, by name; with a filter on schemas, those that have such a schema. */
export async function listBlockTypes(deps: Deps, filters: BlockFilters): Promise<BlockType[]> {
  const { block_types = {}, block_schemas } = filters
  const [types, schemas] = await Promise.all([
    storage.listBlockTypes(deps.table),
    block_schemas && listBlockSchemas(deps, block_schemas),
  ])
  const having = schemas && new Set(schemas.map((each) => each.typeId))
  return types
    .filter((type) => matchesBlockType(type, block_types) && (!having || having.has(type.id)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
