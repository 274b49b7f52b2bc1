import type { Deps } from '../deps.ts'
import { queueLimit } from '../limit/limit.ts'
import { getLimits } from '../storage/get-limits.ts'
import { listReady, listReadyLines } from '../storage/list-phase.ts'
import { setState } from './set-state.ts'
import { NEVER } from '../instant.ts'

const LINES_MAX = 100
const RUNS_MAX = 100

/**
 * Ends the runs that wait in a queue which is no more: they were created while it was being deleted, or its delete was
 * cut short. Answers how many.
 */
export async function cancelStrayRuns(deps: Deps, poolId: string): Promise<number> {
  const { lines } = await listReadyLines(deps.table, poolId, LINES_MAX)
  const limits = await getLimits(
    deps.table,
    lines.map(({ line }) => queueLimit(line)),
  )
  const gone = lines.filter(({ line }) => !limits.has(queueLimit(line)))
  let cancelled = 0
  for (const { line } of gone) {
    const { rows } = await listReady(deps.table, { poolId, line, dueBefore: NEVER, limit: RUNS_MAX })
    for (const { runId } of rows) {
      const message = 'The work queue that the run waited in has been deleted.'
      const { wrote } = await setState(deps, runId, { type: 'CANCELLING', message })
      if (wrote) cancelled += 1
    }
  }
  return cancelled
}
