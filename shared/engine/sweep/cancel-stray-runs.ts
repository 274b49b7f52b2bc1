import type { Deps } from '#shared/deps.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { NEVER } from '#shared/instant.ts'
import { listReady } from '#shared/storage/flow-run/list-phase.ts'

const RUNS_MAX = 100

/**
 * Ends the runs that wait in queues that no longer exist: they were created while those were being deleted, or the
 * delete was cut short. Returns how many.
 */
export async function cancelStrayRuns(deps: Deps, poolId: string, queueIds: readonly string[]): Promise<number> {
  let cancelled = 0
  for (const line of queueIds) {
    const { rows } = await listReady(deps.table, { poolId, line, dueBefore: NEVER, limit: RUNS_MAX })
    for (const { runId } of rows) {
      const message = 'The work queue of the run was deleted.'
      const { wrote } = await setState(deps, runId, { type: 'CANCELLING', message })
      if (wrote) cancelled += 1
    }
  }
  return cancelled
}
