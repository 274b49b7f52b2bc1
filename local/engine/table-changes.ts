import type { Changes } from '#shared/deps.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { bringsWork, type WriteInput } from './brings-work.ts'

const WRITES = new Set([
  'PutItemCommand',
  'UpdateItemCommand',
  'DeleteItemCommand',
  'BatchWriteItemCommand',
  'TransactWriteItemsCommand',
])
/** Changes come in bursts: the first is heard of at once, and those after it no sooner than this. */
const GAP_MS = 100
/** A burst's writes belong together, as those of one request do. */
const SETTLE_MS = 5
/** How long those who hear first have for themselves. */
const AHEAD_MS = 10
const MORE_EACH_TIME = 2

interface Waiting {
  /** The changes that it knows of. */
  after: number
  rank: number
  settle: () => void
}

/**
 * Hears of every write that this process makes in a table, which on one machine are all. Of those who wait, the one of the
 * lowest rank that has waited longest hears first, then two more, and so on: who has room takes what there is, while all
 * at once would take it from each other.
 */
export class TableChanges implements Changes {
  readonly #waiting = new Set<Waiting>()
  #timer: NodeJS.Timeout | undefined
  #lastMs = Number.NEGATIVE_INFINITY
  #count = 0
  #closed = false

  constructor(table: Table) {
    table.client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          const answer = await next(args)
          if (WRITES.has(commandName) && bringsWork(args.input as WriteInput)) this.#note()
          return answer
        },
      { step: 'initialize', name: 'noteChanges' },
    )
  }

  get count(): number {
    return this.#count
  }

  get closed(): boolean {
    return this.#closed
  }

  next(after: number, { seconds, rank }: { seconds: number; rank: number }): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer)
        this.#waiting.delete(waiting)
        resolve()
      }
      const timer = setTimeout(settle, seconds * 1000)
      const waiting = { after, rank, settle }
      this.#waiting.add(waiting)
      if (this.#count !== after) this.#settleSoon()
    })
  }

  /** Settles what waits, so that nothing keeps a service from stopping. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const { settle } of this.#waiting) settle()
  }

  #note(): void {
    this.#count += 1
    this.#settleSoon()
  }

  #settleSoon(): void {
    if (this.#timer || this.#waiting.size === 0) return
    const sinceMs = performance.now() - this.#lastMs
    this.#timer = setTimeout(() => this.#settleInTurn(this.#count, 1), Math.max(SETTLE_MS, GAP_MS - sinceMs))
  }

  /** Settles some of those who do not know of so many changes, by rank and then the longest waiting first; the others follow. */
  #settleInTurn(count: number, some: number): void {
    if (some === 1) this.#lastMs = performance.now()
    const behind = [...this.#waiting].filter(({ after }) => after < count).toSorted((a, b) => a.rank - b.rank)
    for (const { settle } of behind.slice(0, some)) settle()
    if (behind.length > some) {
      this.#timer = setTimeout(() => this.#settleInTurn(count, some * MORE_EACH_TIME), AHEAD_MS)
      return
    }
    this.#timer = undefined
    if ([...this.#waiting].some(({ after }) => after < this.#count)) this.#settleSoon()
  }
}
