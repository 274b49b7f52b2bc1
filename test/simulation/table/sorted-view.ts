import type { Item } from '#shared/storage/dynamo/expression.ts'
import type { Key } from '#shared/storage/dynamo/table.ts'
import { compareStrings } from './attribute-value.ts'
import { compareNumbers } from './decimal.ts'

/** An item of the table, or what an index shows of it, with its place there. */
export interface Row extends Key {
  hash: string
  /** The text of the sort key's value, or its number. */
  sort: string
  item: Item
  bytes: number
}

interface Partition {
  /** The view that may change these rows; a copy's are shared until one of the two writes. */
  owner: SortedView
  rows: Row[]
}

/** Rows by partition, in the order of their sort keys and then of the table's key. */
export class SortedView {
  readonly #sortType: 'S' | 'N'
  readonly #partitions: Map<string, Partition>

  constructor(sortType: 'S' | 'N', partitions = new Map<string, Partition>()) {
    this.#sortType = sortType
    this.#partitions = partitions
  }

  /** The partitions' keys, in their order. */
  get hashes(): string[] {
    return [...this.#partitions.keys()].toSorted(compareStrings)
  }

  /** The rows of each partition, which come in no order. */
  get partitions(): (readonly Row[])[] {
    return [...this.#partitions.values()].map(({ rows }) => rows)
  }

  rows(hash: string): readonly Row[] {
    return this.#partitions.get(hash)?.rows ?? []
  }

  /** Where a row is in its partition, or would be. */
  placeOf(row: Omit<Row, 'item' | 'bytes'>): { at: number; found: boolean } {
    const rows = this.rows(row.hash)
    let from = 0
    let to = rows.length
    while (from < to) {
      const middle = (from + to) >> 1
      const order = this.#compare(rows[middle] as Row, row)
      if (order === 0) return { at: middle, found: true }
      if (order < 0) from = middle + 1
      else to = middle
    }
    return { at: from, found: false }
  }

  /** The item of a key, in a view of the table itself. */
  get({ pk, sk }: Key): Row | undefined {
    const { at, found } = this.placeOf({ hash: pk, sort: sk, pk, sk })
    return found ? this.rows(pk)[at] : undefined
  }

  put(row: Row): void {
    const { at, found } = this.placeOf(row)
    this.#own(row.hash).splice(at, found ? 1 : 0, row)
  }

  delete(row: Row): void {
    const { at, found } = this.placeOf(row)
    if (!found) return
    const rows = this.#own(row.hash)
    rows.splice(at, 1)
    if (rows.length === 0) this.#partitions.delete(row.hash)
  }

  /** A view of the same rows that changes apart from this one. No row is copied before one of the two writes beside it. */
  fork(): SortedView {
    // Neither owns what both have.
    for (const partition of this.#partitions.values()) partition.owner = SHARED
    return new SortedView(this.#sortType, new Map(this.#partitions))
  }

  #own(hash: string): Row[] {
    const partition = this.#partitions.get(hash)
    if (partition?.owner === this) return partition.rows
    const rows = [...(partition?.rows ?? [])]
    this.#partitions.set(hash, { owner: this, rows })
    return rows
  }

  #compare(a: Omit<Row, 'item' | 'bytes'>, b: Omit<Row, 'item' | 'bytes'>): number {
    const order = this.#sortType === 'N' ? compareNumbers(a.sort, b.sort) : compareStrings(a.sort, b.sort)
    return order || compareStrings(a.pk, b.pk) || compareStrings(a.sk, b.sk)
  }
}

const SHARED = new SortedView('S')
