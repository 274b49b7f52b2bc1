import type { Instant } from '#shared/instant.ts'

/** One log line of a run. Levels are Python's: 10 debug, 20 info, 30 warning, 40 error, 50 critical. */
export interface LogEntry {
  id: string
  runId: string | null
  taskRunId: string | null
  name: string
  level: number
  message: string
  timestamp: Instant
}

export const LOG_LEVEL_INFO = 20
