import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import type { LogEntry } from '#shared/log/log.ts'
import { byTime, spanOf, unpackChunk } from '#shared/log/log-chunk.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { queryPage } from '#shared/storage/dynamo/query.ts'
import { logsPartition, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeChunks, spanSort } from './log-codec.ts'

export interface LogRange {
  run: RunRef
  /** Bounds of the timestamp; lines just outside may come along. */
  from?: Instant | undefined
  to?: Instant | undefined
  descending: boolean
}

/** Sorts after every chunk of a span. */
const LAST = '~'

/** Lists a run's log lines by time, span by span on demand. A line of a moment ago may be missing still. */
export async function* listLogs(table: Table, range: LogRange): AsyncGenerator<LogEntry> {
  let items: Record<string, unknown>[] = []
  for await (const item of listItems(table, range)) {
    if (items[0] && spanSortOf(items[0]) !== spanSortOf(item)) {
      yield* linesOf(items, range.descending)
      items = []
    }
    items.push(item)
  }
  yield* linesOf(items, range.descending)
}

async function* listItems(table: Table, range: LogRange): AsyncGenerator<Record<string, unknown>> {
  const { run, from = 0, to = NEVER, descending } = range
  const values = { pk: logsPartition(run), from: spanSort(spanOf(from)), to: spanSort(spanOf(to)) + LAST }
  let after: Item | undefined
  do {
    const keyCondition = '#pk = :pk AND #sk BETWEEN :from AND :to'
    const page = await queryPage(table, { keyCondition, values, consistent: false, descending, after })
    yield* page.items
    after = page.after
  } while (after)
}

const spanSortOf = (item: Record<string, unknown>) => String(item.sk).split('#', 1)[0]

function linesOf(items: readonly Record<string, unknown>[], descending: boolean): LogEntry[] {
  const lines = decodeChunks(items).flatMap(unpackChunk).toSorted(byTime)
  return descending ? lines.toReversed() : lines
}
