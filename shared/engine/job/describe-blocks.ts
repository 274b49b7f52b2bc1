import { type BlockDocument, referencesIn } from '#shared/block/block-document.ts'
import type { BlockSchema } from '#shared/block/block-schema.ts'
import type { BlockType } from '#shared/block/block-type.ts'
import { type NestedBlock, nestBlocks } from '#shared/block/nest-blocks.ts'
import type { Deps } from '#shared/deps.ts'
import { getBlockDocuments } from '#shared/storage/block/get-block-document.ts'
import { getBlockSchemas } from '#shared/storage/block/get-block-schema.ts'
import { getBlockTypes } from '#shared/storage/block/get-block-type.ts'

/** What block documents are shown with. */
export interface DescribedBlocks {
  blocks: NestedBlock[]
  types: ReadonlyMap<string, BlockType>
  schemas: ReadonlyMap<string, BlockSchema>
}

/** Reads all that belongs to block documents: those that they refer to, types and schemas. Keeps their order. */
export async function describeBlocks(deps: Deps, documents: readonly BlockDocument[]): Promise<DescribedBlocks> {
  const referenced = await loadReferenced(deps, documents)
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

/** Every document that these refer to, directly or through others, by id. */
export async function loadReferenced(
  deps: Deps,
  documents: readonly BlockDocument[],
): Promise<ReadonlyMap<string, BlockDocument>> {
  const found = new Map<string, BlockDocument>()
  const asked = new Set<string>()
  let level = documents
  while (level.length > 0) {
    const wanted = level.flatMap(({ data }) => referencesIn(data).map(([, id]) => id)).filter((id) => !asked.has(id))
    for (const id of wanted) asked.add(id)
    level = await getBlockDocuments(deps.table, wanted)
    for (const document of level) found.set(document.id, document)
  }
  return found
}

function byId<T extends { id: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((each) => [each.id, each]))
}
