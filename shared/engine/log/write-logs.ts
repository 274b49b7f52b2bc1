import type { Deps } from '#shared/deps.ts'
import type { LogEntry } from '#shared/log/log.ts'
import { packLogs } from '#shared/log/log-chunk.ts'
import { putLogs } from '#shared/storage/log/put-logs.ts'

export type LogInput = Omit<LogEntry, 'id'>

/**
 * Stores log lines. The same lines sent again are stored once. Lines without a run, such as a worker's own log, are
 * dropped, as they could not be listed.
 */
export async function writeLogs(deps: Deps, lines: readonly LogInput[]): Promise<void> {
  const kept = lines.flatMap((line) => (line.runId === null ? [] : [{ ...line, runId: line.runId }]))
  await putLogs(deps.table, packLogs(kept))
  if (kept.length < lines.length) deps.metrics.count('LogLinesWithoutRun', lines.length - kept.length)
}
