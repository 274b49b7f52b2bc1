import type { Deps } from '#shared/deps.ts'
import type { LogEntry } from '#shared/log/log.ts'
import { packLogs } from '#shared/log/log-chunk.ts'
import { getLives } from '#shared/storage/flow-run/get-lives.ts'
import { putLogs } from '#shared/storage/log/put-logs.ts'

export type LogInput = Omit<LogEntry, 'id'>

/**
 * Stores log lines under their run's life. The same lines sent again are stored once. Lines without a run, such as a
 * worker's own log or those of a run that was deleted, are dropped, as they could not be listed.
 */
export async function writeLogs(deps: Deps, lines: readonly LogInput[]): Promise<void> {
  const lives = await getLives(
    deps.table,
    lines.flatMap(({ runId }) => runId ?? []),
  )
  const kept = lines.flatMap((line) => {
    const { runId } = line
    const life = runId === null ? undefined : lives.get(runId)
    return runId === null || life === undefined ? [] : [{ ...line, runId, life }]
  })
  await putLogs(deps.table, packLogs(kept))
  if (kept.length < lines.length) deps.metrics.count('LogLinesWithoutRun', lines.length - kept.length)
}
