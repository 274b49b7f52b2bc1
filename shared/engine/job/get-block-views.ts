import { type BlockDocument } from '#shared/block/block-document.ts'
import type { BlockSchema } from '#shared/block/block-schema.ts'
import type { BlockType } from '#shared/block/block-type.ts'
import { type NestedBlock, nestBlocks } from '#shared/block/nest-blocks.ts'
import type { Deps } from '#shared/deps.ts'
import { getBlockSchemas } from '#shared/storage/block/get-block-schema.ts'
import { getBlockTypes } from '#shared/storage/block/get-block-type.ts'
import { getReferencedBlocks } from './get-referenced-blocks.ts'

/** The context of block document views. */
export interface BlockViews {
  blocks: NestedBlock[]
  types: ReadonlyMap<string, BlockType>
  schemas: ReadonlyMap<string, BlockSchema>
}

/** Reads the references, types and schemas of block documents. Keeps their order. */
export async function getBlockViews(deps: Deps, documents: readonly BlockDocument[]): Promise<BlockViews> {
  const referenced = await getReferencedBlocks(deps, documents)
  const all = [...documents, ...referenced.values()]
  const [types, schemas] = await Promise.all([
    getBlockTypes(
      deps.table,
      all.map((each) => each.typeId),
    ),
    getBlockSchemas(
      deps.table,
      documents.map((each) => each.schemaId),
    ),
  ])
  const typesById = byId(types)
  // One that was created while its type was deleted has none, and can't be shown.
  const shown = documents.filter((each) => typesById.has(each.typeId))
  return { blocks: shown.map((each) => nestBlocks(each, referenced)), types: typesById, schemas: byId(schemas) }
}

function byId<T extends { id: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((each) => [each.id, each]))
}
