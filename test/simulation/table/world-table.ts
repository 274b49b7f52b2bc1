import type { Item } from '#shared/storage/dynamo/expression.ts'
import type { MemoryTable } from './memory-table.ts'
import type { HoldsBack, IndexChange } from './rows/lagging-rows.ts'

/** What a world needs of its table. */
export interface WorldTable {
  readonly name: string
  /** Answers a request of that command, as the SDK's client does. Raises the SDK's errors. */
  answer(command: string, input: object): Record<string, unknown> | Promise<Record<string, unknown>>
  /** Every item, as stored: frozen, and the same object until it is written again. */
  items(): Iterable<Item>
  /** Which changes of indexes are held back from now on. */
  holdsBack: HoldsBack
  /** How many are. */
  readonly behind: number
  isBehind(index: string): boolean
  catchUp(filter?: (change: IndexChange) => boolean): void
  /** A table in memory with the same content, whose changes and this one's don't concern each other. */
  fork(): MemoryTable
}
