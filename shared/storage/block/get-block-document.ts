import type { BlockDocument } from '#shared/block/block-document.ts'
import { isUuid } from '#shared/ids.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { decodeJsonItem } from '#shared/storage/dynamo/json-item.ts'
import { blockDocumentKey, type Table } from '#shared/storage/dynamo/table.ts'

/**
 * Reads a block document as it is stored, consistently; undefined when there is none. References to other documents in
 * its data are left as they are.
 */
export async function getBlockDocument(table: Table, documentId: string): Promise<BlockDocument | undefined> {
  const item = await getItem(table, blockDocumentKey(documentId))
  return item && decodeJsonItem(item)
}

/** Reads several, in no particular order; missing ones are left out, and so are ids, as references have them, that are none. */
export async function getBlockDocuments(table: Table, documentIds: readonly string[]): Promise<BlockDocument[]> {
  const items = await batchGet(table, [...new Set(documentIds)].filter(isUuid).map(blockDocumentKey))
  return items.map((item) => decodeJsonItem(item))
}
