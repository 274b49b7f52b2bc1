import { combine, matchesAny, matchesTime, type Operator, type TimeRange } from '#shared/filter/criterion.ts'
import type { LogEntry } from './log.ts'

/** Prefect's LogFilter, with the wire's member names. */
export interface LogFilter {
  operator?: Operator | undefined
  level?: { ge_?: number | undefined; le_?: number | undefined } | undefined
  timestamp?: TimeRange | undefined
  flow_run_id?: { any_?: readonly string[] | undefined } | undefined
  task_run_id?: { any_?: readonly string[] | undefined; is_null_?: boolean | undefined } | undefined
  /** Words that the message or the logger's name must hold, in any letter case. */
  text?: { query?: string | undefined } | undefined
}

export const LOG_SORTS = ['TIMESTAMP_ASC', 'TIMESTAMP_DESC'] as const
export type LogSort = (typeof LOG_SORTS)[number]

/** Whether a line matches the filter. */
export function matchesLog(entry: LogEntry, filter: LogFilter): boolean {
  const { level, timestamp, flow_run_id, task_run_id, text } = filter
  return combine(filter.operator, [
    level?.ge_ === undefined ? undefined : entry.level >= level.ge_,
    level?.le_ === undefined ? undefined : entry.level <= level.le_,
    matchesTime(entry.timestamp, timestamp),
    matchesAny(entry.runId, flow_run_id),
    matchesAny(entry.taskRunId, task_run_id),
    matchesWords(`${entry.name} ${entry.message}`, text?.query),
  ])
}

function matchesWords(text: string, query: string | undefined): boolean | undefined {
  if (query === undefined) return undefined
  const lowered = text.toLowerCase()
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return words.every((word) => lowered.includes(word))
}
