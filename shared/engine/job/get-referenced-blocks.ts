import { type BlockDocument, referencesIn } from '#shared/block/block-document.ts'
import type { Deps } from '#shared/deps.ts'
import { getBlockDocuments } from '#shared/storage/block/get-block-document.ts'

/** Every document that these refer to, directly or through others, by id. */
export async function getReferencedBlocks(
  deps: Deps,
  documents: readonly BlockDocument[],
): Promise<ReadonlyMap<string, BlockDocument>> {
  const found = new Map<string, BlockDocument>()
  const seen = new Set<string>()
  let level = documents
  while (level.length > 0) {
    const wanted = level.flatMap(({ data }) => referencesIn(data).map(([, id]) => id)).filter((id) => !seen.has(id))
    for (const id of wanted) seen.add(id)
    level = await getBlockDocuments(deps.table, wanted)
    for (const document of level) found.set(document.id, document)
  }
  return found
}
