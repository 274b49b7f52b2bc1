import type { Hono } from 'hono'
import * as contract from '#shared/contract/log/log.ts'
import type { Deps } from '#shared/deps.ts'
import { listLogs } from '#shared/engine/log/list-logs.ts'
import { writeLogs } from '#shared/engine/log/write-logs.ts'
import { route } from '../route.ts'
import { logView } from '../views/log.ts'

/** Serves the log lines of runs. */
export function logRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createLogs, async ({ body }) => {
    await writeLogs(
      deps,
      body.map(({ flow_run_id: runId = null, task_run_id: taskRunId = null, ...line }) => ({
        ...line,
        runId,
        taskRunId,
      })),
    )
    return null
  })

  route(app, contract.listLogs, async ({ body }) => {
    const { logs: filter = {}, sort, offset, limit } = body
    return (await listLogs(deps, { filter, sort, offset, limit })).map(logView)
  })
}
