import type { BlockType } from '#shared/block/block-type.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { decodeJsonItem } from '#shared/storage/dynamo/json-item.ts'
import { blockTypeKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Reads a block type, consistently; undefined when there is none. */
export async function getBlockType(table: Table, typeId: string): Promise<BlockType | undefined> {
  const item = await getItem(table, blockTypeKey(typeId))
  return item && decodeJsonItem(item)
}

/** Reads several, in no particular order; missing ones are left out. */
export async function getBlockTypes(table: Table, typeIds: readonly string[]): Promise<BlockType[]> {
  const items = await batchGet(table, [...new Set(typeIds)].map(blockTypeKey))
  return items.map((item) => decodeJsonItem(item))
}
