import type { Key } from '#shared/storage/dynamo/table.ts'
import type { RowChange } from './index-rows.ts'
import type { SortedView } from './sorted-view.ts'

/** A change of an index that has not happened yet: in which partition of it, and of which item. */
export interface IndexChange {
  index: string
  partition: string
  key: Key
}

/** Says whether a change of an index is to be held back, until the index catches up. */
export type HoldsBack = (change: IndexChange) => boolean

/**
 * The rows of an index, which may lag behind the table: changes of one item come in their order, and changes of different
 * items in any, as DynamoDB promises no more. An item that moves leaves its partition in one change and enters the other
 * in the next, so that it may be in neither for a while.
 */
export class LaggingRows {
  readonly name: string
  readonly view: SortedView
  /** By item, the changes that it waits for. */
  readonly #held: Map<string, RowChange[]>

  constructor(name: string, view: SortedView, held = new Map<string, RowChange[]>()) {
    this.name = name
    this.view = view
    this.#held = held
  }

  /** How many changes are held back. */
  get behind(): number {
    if (this.#held.size === 0) return 0
    return [...this.#held.values()].reduce((sum, changes) => sum + changes.length, 0)
  }

  change(change: RowChange, holdsBack: HoldsBack): void {
    const described = this.#describe(change)
    const item = JSON.stringify(described.key)
    const waiting = this.#held.get(item)
    if (waiting) waiting.push(change)
    else if (holdsBack(described)) this.#held.set(item, [change])
    else this.#apply(change)
  }

  /** Makes the changes that a filter names, as far as no earlier one of the same item is left. */
  catchUp(filter: (change: IndexChange) => boolean): void {
    for (const [item, changes] of this.#held) {
      let made = 0
      for (const change of changes) {
        if (!filter(this.#describe(change))) break
        this.#apply(change)
        made += 1
      }
      if (made === changes.length) this.#held.delete(item)
      else changes.splice(0, made)
    }
  }

  fork(): LaggingRows {
    const held = new Map([...this.#held].map(([item, changes]) => [item, [...changes]]))
    return new LaggingRows(this.name, this.view.fork(), held)
  }

  #apply({ before, after }: RowChange): void {
    if (after) this.view.put(after)
    else if (before) this.view.delete(before)
  }

  #describe({ before, after }: RowChange): IndexChange {
    const row = after ?? before
    if (!row) throw new TypeError('a change of nothing')
    return { index: this.name, partition: row.hash, key: { pk: row.pk, sk: row.sk } }
  }
}
