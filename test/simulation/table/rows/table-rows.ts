import type { Item } from '#shared/storage/dynamo/expression.ts'
import type { Key } from '#shared/storage/dynamo/table.ts'
import { type Units, writeUnits } from '../commands/capacity.ts'
import { indexRow, rowChanges } from './index-rows.ts'
import { type HoldsBack, LaggingRows } from './lagging-rows.ts'
import { type Row, SortedView } from './sorted-view.ts'
import { INDEXES, TABLE_KEY } from './table-schema.ts'

const NOTHING_LAGS: HoldsBack = () => false

/** What one write made of an item; without an item after it, it was removed. */
export interface ItemChange {
  before: Item | undefined
  after: Item | undefined
}

/** What is stored: the table's rows, and those of each of its indexes. */
export class TableRows {
  readonly base: SortedView
  readonly indexes: readonly LaggingRows[]
  /** Which changes of indexes are held back. */
  holdsBack: HoldsBack = NOTHING_LAGS
  #changes: ItemChange[] = []

  constructor(
    base = new SortedView(TABLE_KEY.sortType),
    indexes: readonly LaggingRows[] = INDEXES.map(
      ({ name, sortType }) => new LaggingRows(name, new SortedView(sortType)),
    ),
  ) {
    this.base = base
    this.indexes = indexes
  }

  get(key: Key): Row | undefined {
    return this.base.get(key)
  }

  /** Replaces one row of the table by another, or removes it, and has the indexes follow. Returns what that costs. */
  write(before: Row | undefined, after: Row | undefined): Units {
    this.#changes.push({ before: before?.item, after: after?.item })
    if (after) this.base.put(after)
    else if (before) this.base.delete(before)
    const indexes = new Map<string, number>()
    for (const [at, index] of INDEXES.entries()) {
      const changes = rowChanges(before && indexRow(index, before), after && indexRow(index, after))
      if (changes.length === 0) continue
      const each = changes.map((change) => writeUnits(Math.max(change.before?.bytes ?? 0, change.after?.bytes ?? 0)))
      indexes.set(
        index.name,
        each.reduce((sum, units) => sum + units, 0),
      )
      for (const change of changes) this.indexes[at]?.change(change, this.holdsBack)
    }
    return { table: writeUnits(Math.max(before?.bytes ?? 0, after?.bytes ?? 0)), indexes }
  }

  /** The changes since the last call, in their order. */
  takeChanges(): ItemChange[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  fork(): TableRows {
    return new TableRows(
      this.base.fork(),
      this.indexes.map((index) => index.fork()),
    )
  }
}
