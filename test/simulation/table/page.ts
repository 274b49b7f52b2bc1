import type { Item } from '#shared/storage/dynamo/expression.ts'
import type { KeyRange } from './expression/key-condition.ts'
import { keyNames } from './index-rows.ts'
import { ValidationException } from './service-errors.ts'
import type { Row, SortedView } from './sorted-view.ts'
import { storedItem } from './stored-value.ts'
import { type IndexSchema, requestKey, TABLE_KEY } from './table-schema.ts'

/** A row's place, which need not be there any more. */
export type Place = Omit<Row, 'item' | 'bytes'>

/** What one request reads. */
export interface Page {
  items: Item[]
  bytes: number
  /** Where it ended, if before the end. */
  last: Item | undefined
}

interface PageRequest {
  start: Place | undefined
  index: IndexSchema | undefined
  descending: boolean
  limit: number | undefined
  includes: (item: Item) => boolean
}

/** DynamoDB's limit for one page. */
const BYTES_MAX = 1024 * 1024

/** Reads partitions one after the other, up to a limit of rows or of bytes. Raises ValidationException for a limit of 0. */
export function pageOf(partitions: readonly { view: SortedView; hash: string }[], request: PageRequest): Page {
  const { index, limit, includes } = request
  if (limit !== undefined && limit < 1) {
    const what = "Value at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
    throw new ValidationException(`1 validation error detected: ${what}`)
  }
  const read: Row[] = []
  let bytes = 0
  const endedHere = () => ({ items: read.map(({ item }) => item), bytes, last: keyOf(read.at(-1), index) })
  for (const { view, hash } of partitions) {
    for (const row of rowsFrom(view, hash, request)) {
      if (!includes(row.item)) continue
      if (bytes + row.bytes > BYTES_MAX) return endedHere()
      read.push(row)
      bytes += row.bytes
      if (read.length === limit) return endedHere()
    }
  }
  return { ...endedHere(), last: undefined }
}

function rowsFrom(view: SortedView, hash: string, { start, descending }: PageRequest): readonly Row[] {
  const rows = view.rows(hash)
  if (start?.hash !== hash) return descending ? rows.toReversed() : rows
  const { at, found } = view.placeOf(start)
  return descending ? rows.slice(0, at).toReversed() : rows.slice(found ? at + 1 : at)
}

function keyOf(row: Row | undefined, index: IndexSchema | undefined): Item | undefined {
  if (!row) return undefined
  return Object.fromEntries(keyNames(index).map((name) => [name, row.item[name]])) as Item
}

/** The place after which a page starts. Raises ValidationException for one that is not in the range. */
export function startRow(startKey: Item, index: IndexSchema | undefined, range: KeyRange | undefined): Place {
  const item = storedItem(startKey)
  const names = keyNames(index)
  const schema = index ?? TABLE_KEY
  if (Object.keys(item).length !== names.length || names.some((name) => !item[name])) {
    const schemaText = range ? '' : ': The provided key element does not match the schema'
    throw new ValidationException(`The provided starting key is invalid${schemaText}`)
  }
  const { pk, sk } = requestKey({ pk: item.pk, sk: item.sk } as Item)
  const [hash, sort] = [item[schema.hash]?.S, item[schema.sort]?.[schema.sortType]]
  if (hash === undefined || sort === undefined) {
    throw new ValidationException(
      'The provided starting key is invalid: The provided key element does not match the schema',
    )
  }
  if (range && !range.includes(item)) {
    throw new ValidationException('The provided starting key does not match the range key predicate')
  }
  if (range && range.hash !== hash) {
    throw new ValidationException('The provided starting key is outside query boundaries based on provided conditions')
  }
  return { hash, sort, pk, sk }
}
