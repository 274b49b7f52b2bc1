import type { Deps } from '#shared/deps.ts'
import { DomainError, invalidField } from '#shared/errors.ts'
import type { LogEntry } from '#shared/log/log.ts'
import { byTime } from '#shared/log/log-chunk.ts'
import { type LogFilter, type LogSort, matchesLog } from '#shared/log/log-filter.ts'
import { mergeSorted } from '#shared/storage/dynamo/merge-sorted.ts'
import { getLives } from '#shared/storage/flow-run/get-lives.ts'
import * as storage from '#shared/storage/log/list-logs.ts'

export interface LogQuery {
  filter: LogFilter
  sort: LogSort
  offset: number
  limit: number
}

const RUNS_MAX = 100
/** Lines that one request looks at; a later page is better requested by time. */
const LINES_MAX = 200_000

/** Lists log lines of runs by time. Raises invalid without runs, and when too many lines would have to be read. */
export async function listLogs(deps: Deps, { filter, sort, offset, limit }: LogQuery): Promise<LogEntry[]> {
  const runIds = filter.operator === 'or_' ? undefined : filter.flow_run_id?.any_
  const where = ['body', 'logs', 'flow_run_id', 'any_']
  if (!runIds) throw invalidField(where, 'is required: logs are stored by flow run')
  if (runIds.length > RUNS_MAX) throw invalidField(where, `must name at most ${RUNS_MAX} flow runs`)
  const descending = sort === 'TIMESTAMP_DESC'
  const { after_: from, before_: to } = filter.timestamp ?? {}
  const lives = await getLives(deps.table, runIds)
  const lists = [...lives].map(([id, life]) =>
    storage.listLogs(deps.table, { run: { id, life }, from, to, descending }),
  )
  const direction = descending ? -1 : 1
  const found: LogEntry[] = []
  let read = 0
  for await (const entry of mergeSorted(lists, (a, b) => direction * byTime(a, b))) {
    if (found.length >= offset + limit) break
    read += 1
    if (read > LINES_MAX) throw tooMany()
    if (matchesLog(entry, filter)) found.push(entry)
  }
  return found.slice(offset)
}

function tooMany(): DomainError {
  const most = LINES_MAX.toLocaleString('en')
  return new DomainError(
    'too_broad',
    `More than ${most} log lines would have to be read; narrow the filter by logs.timestamp.`,
  )
}
