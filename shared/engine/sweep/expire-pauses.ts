import type { Deps } from '#shared/deps.ts'
import { applyConsequences } from '#shared/engine/dispatch/apply-consequences.ts'
import { advance } from '#shared/flow-run/advance.ts'
import { PAUSED_PHASE } from '#shared/flow-run/phase.ts'
import { newState } from '#shared/flow-run/state.ts'
import { NEVER, sortable } from '#shared/instant.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'

const EXPIRED_MAX = 100

/** Fails paused runs that hold nothing and were not resumed in time (Prefect's pause_expirations service). Returns how many. */
export async function expirePauses(deps: Deps): Promise<number> {
  const now = deps.clock.now()
  const { rows } = await listPhase(deps.table, { phase: PAUSED_PHASE, to: sortable(now), limit: EXPIRED_MAX })
  let expired = 0
  for (const { runId } of rows) {
    const run = await getRun(deps.table, runId)
    // The index may lag, and the run may be resuming right now: only one still in that pause is out of time.
    if (run?.state.type !== 'PAUSED' || (run.state.details.pauseTimeout ?? NEVER) > now) continue
    const message = 'The flow was paused and never resumed.'
    const failed = advance(run, newState('FAILED', deps.clock.now(), { message }))
    if (!(await saveRun(deps.table, run, failed))) continue
    deps.log.info('flow run entered a state', { runId, from: run.state.name, to: failed.state.name })
    await applyConsequences(deps, run, failed)
    expired += 1
  }
  return expired
}
