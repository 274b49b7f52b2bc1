import type { BlockDocument } from '#shared/block/block-document.ts'
import { encodeJsonItem, unchangedSince } from '#shared/storage/dynamo/json-item.ts'
import { blockDocumentKey, blockSchemaKey, blockTypeKey, type Table } from '#shared/storage/dynamo/table.ts'
import { checkAction, putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'

/** `outdated`: another write came first (or one created it). `schema_gone`: its type or schema does not exist. */
export type PutBlockDocumentResult = 'stored' | 'outdated' | 'schema_gone'

/** Writes a block document, if it is still what was read (`before`, or nothing), and its type and schema exist. */
export async function putBlockDocument(
  table: Table,
  document: BlockDocument,
  before: BlockDocument | undefined,
): Promise<PutBlockDocumentResult> {
  const exists = { condition: 'attribute_exists(#pk)' }
  try {
    await transact(table, [
      putAction(table, encodeJsonItem(blockDocumentKey(document.id), document), unchangedSince(before)),
      checkAction(table, blockTypeKey(document.typeId), exists),
      checkAction(table, blockSchemaKey(document.schemaId), exists),
    ])
    return 'stored'
  } catch (error) {
    if (!(error instanceof TransactionRefused)) throw error
    if (error.failedAt(1) || error.failedAt(2)) return 'schema_gone'
    if (error.failedAt(0)) return 'outdated'
    throw error
  }
}
