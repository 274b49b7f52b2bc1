import { formatInstant } from '#shared/instant.ts'
import type { LogEntry } from '#shared/log/log.ts'

/** A log line as Prefect's clients read it. When it arrived is not kept; it is shown as when it was written. */
export function logView({ id, name, level, message, timestamp, runId, taskRunId }: LogEntry) {
  const time = formatInstant(timestamp)
  return {
    id,
    created: time,
    updated: time,
    name,
    level,
    message,
    timestamp: time,
    flow_run_id: runId,
    task_run_id: taskRunId,
  }
}
