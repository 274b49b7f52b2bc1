import type { BlockType } from '../block/block-type.ts'
import { batchGet } from './batch-get.ts'
import { getItem } from './get-item.ts'
import { decodeJsonItem } from './json-item.ts'
import { blockTypeKey, type Table } from './table.ts'

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
