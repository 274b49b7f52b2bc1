import { type Instant, NEVER } from '#shared/instant.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { queryPage } from '#shared/storage/dynamo/query.ts'
import { DEPLOYMENT_INDEX, type Table, TIME_INDEX, TIME_INDEX_KEY } from '#shared/storage/dynamo/table.ts'

/** A run as the list indexes show it: its id and when it was first expected to start. */
export interface RunListRow {
  runId: string
  startAt: Instant
}

export interface RunListRange {
  /** Only the runs of this deployment; all runs when left out. */
  deploymentId?: string
  /** Bounds of the expected start, both included. */
  from?: Instant | undefined
  to?: Instant | undefined
  descending: boolean
}

/** Keys read at a time: a few milliseconds, and not many too many when the reader stops early. */
const PAGE_ROWS = 250

/** Lists runs by expected start, page by page on demand. The index may lag behind by a moment. */
export async function* listRuns(table: Table, range: RunListRange): AsyncGenerator<RunListRow> {
  const { deploymentId, from = 0, to = NEVER, descending } = range
  const index = deploymentId === undefined ? TIME_INDEX : DEPLOYMENT_INDEX
  const key = deploymentId === undefined ? '#listKey' : '#deploymentId'
  let after: Item | undefined
  do {
    const page = await queryPage(table, {
      index,
      keyCondition: `${key} = :key AND #startAt BETWEEN :from AND :to`,
      values: { key: deploymentId ?? TIME_INDEX_KEY, from, to },
      descending,
      limit: PAGE_ROWS,
      after,
    })
    for (const item of page.items) {
      yield { runId: String(item.pk).slice('run#'.length), startAt: item.startAt as Instant }
    }
    after = page.after
  } while (after)
}
