import type { BlockDocument } from '#shared/block/block-document.ts'
import type { BlockSchema } from '#shared/block/block-schema.ts'
import type { BlockType } from '#shared/block/block-type.ts'
import { decodeJsonItem, type JsonDocument } from '#shared/storage/dynamo/json-item.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { blockDocumentKey, blockSchemaKey, blockTypeKey, type Key, type Table } from '#shared/storage/dynamo/table.ts'

/** Reads every block type, in no particular order. */
export async function listBlockTypes(table: Table): Promise<BlockType[]> {
  return await list(table, blockTypeKey(''))
}

/** Reads every block schema, in no particular order. */
export async function listBlockSchemas(table: Table): Promise<BlockSchema[]> {
  return await list(table, blockSchemaKey(''))
}

/** Reads every block document, in no particular order. */
export async function listBlockDocuments(table: Table): Promise<BlockDocument[]> {
  return await list(table, blockDocumentKey(''))
}

async function list<T extends JsonDocument>(table: Table, { pk }: Key): Promise<T[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk } })
  return items.map((item) => decodeJsonItem<T>(item))
}
