import type { BlockSchema } from '#shared/block/block-schema.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { decodeJsonItem } from '#shared/storage/dynamo/json-item.ts'
import { blockSchemaKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Reads a block schema, consistently; undefined when there is none. */
export async function getBlockSchema(table: Table, schemaId: string): Promise<BlockSchema | undefined> {
  const item = await getItem(table, blockSchemaKey(schemaId))
  return item && decodeJsonItem(item)
}

/** Reads several, in no particular order; missing ones are left out. */
export async function getBlockSchemas(table: Table, schemaIds: readonly string[]): Promise<BlockSchema[]> {
  const items = await batchGet(table, [...new Set(schemaIds)].map(blockSchemaKey))
  return items.map((item) => decodeJsonItem(item))
}
