import type { Changes } from '#shared/deps.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'

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

/** Hears of every write that this process makes in a table, which on one machine are all. */
export class TableChanges implements Changes {
  #waiting = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #lastMs = 0
  #count = 0
  #closed = false

  constructor(table: Table) {
    table.client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          const answer = await next(args)
          if (WRITES.has(commandName)) this.#note()
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

  next(after: number, seconds: number): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer)
        this.#waiting.delete(settle)
        resolve()
      }
      const timer = setTimeout(settle, seconds * 1000)
      this.#waiting.add(settle)
      if (this.#count !== after) this.#settleSoon()
    })
  }

  /** Settles what waits, so that nothing keeps a service from stopping. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#settleAll()
  }

  #note(): void {
    this.#count += 1
    this.#settleSoon()
  }

  #settleSoon(): void {
    if (this.#timer || this.#waiting.size === 0) return
    const sinceMs = performance.now() - this.#lastMs
    this.#timer = setTimeout(() => this.#settleAll(), Math.max(SETTLE_MS, GAP_MS - sinceMs))
  }

  #settleAll(): void {
    this.#timer = undefined
    this.#lastMs = performance.now()
    for (const settle of this.#waiting) settle()
  }
}
