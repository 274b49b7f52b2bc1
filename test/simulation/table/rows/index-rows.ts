import type { Item } from '#shared/storage/dynamo/expression.ts'
import type { Key } from '#shared/storage/dynamo/table.ts'
import { itemBytes } from '../../../support/item-bytes.ts'
import { sameMaps } from '../values/attribute-value.ts'
import type { Row } from './sorted-view.ts'
import { type IndexSchema, TABLE_KEY } from './table-schema.ts'

/** What a write does to one row of an index: in one partition, that is. */
export interface RowChange {
  before: Row | undefined
  after: Row | undefined
}

/** An item's row in the table. */
export function tableRow({ pk, sk }: Key, item: Item): Row {
  return { hash: pk, sort: sk, pk, sk, item, bytes: itemBytes(item) }
}

/** An item's row in an index; undefined when the index leaves it out, as it has not both of the index's keys. */
export function indexRow(index: IndexSchema, { pk, sk, item }: Row): Row | undefined {
  const [hash, sort] = [item[index.hash]?.S, item[index.sort]?.[index.sortType]]
  if (hash === undefined || sort === undefined) return undefined
  const shown: Item = {}
  for (const name of index.projected) {
    const value = item[name]
    if (value) shown[name] = value
  }
  return { hash, sort, pk, sk, item: Object.freeze(shown), bytes: itemBytes(shown) }
}

/** The changes of an index's rows that follow from a change of an item; none, where the index does not show it. */
export function rowChanges(before: Row | undefined, after: Row | undefined): RowChange[] {
  if (before && after && before.hash === after.hash && before.sort === after.sort) {
    return sameMaps(before.item, after.item) ? [] : [{ before, after }]
  }
  return [...(before ? [{ before, after: undefined }] : []), ...(after ? [{ before: undefined, after }] : [])]
}

/** The names in the key of an index's row, or of an item, as a page names where it ended. */
export function keyNames(index: IndexSchema | undefined): string[] {
  const names = [TABLE_KEY.hash, TABLE_KEY.sort]
  return index ? [...new Set([...names, index.hash, index.sort])] : names
}
