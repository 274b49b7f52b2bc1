import type { Deps } from '../deps.ts'
import { PAUSE_PHASE } from '../flow-run/phase.ts'
import { sortable } from '../instant.ts'
import { listPhase } from '../storage/list-phase.ts'
import { setState } from './set-state.ts'

const EXPIRED_MAX = 100

/** Fails paused runs that nobody resumed in time (Prefect's pause_expirations service). Answers how many. */
export async function expirePauses(deps: Deps): Promise<number> {
  const to = sortable(deps.clock.now())
  const { rows } = await listPhase(deps.table, { phase: PAUSE_PHASE, to, limit: EXPIRED_MAX })
  let expired = 0
  for (const { runId } of rows) {
    const message = 'The flow was paused and never resumed.'
    const { wrote } = await setState(deps, runId, { type: 'FAILED', message })
    if (wrote) expired += 1
  }
  return expired
}
