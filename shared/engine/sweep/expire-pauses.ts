import type { Deps } from '#shared/deps.ts'
import { applyConsequences } from '#shared/engine/dispatch/apply-consequences.ts'
import { eachCaught } from '#shared/engine/dispatch/each-caught.ts'
import { advance } from '#shared/flow-run/advance.ts'
import { NEVER_RESUMED } from '#shared/flow-run/messages.ts'
import { PAUSED_PHASE } from '#shared/flow-run/phase.ts'
import { newState } from '#shared/flow-run/state.ts'
import { type Instant, NEVER, sortable } from '#shared/instant.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { listPhase, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'

const PAGE_RUNS = 500
const WRITES_AT_ONCE = 20

/**
 * Fails paused runs that hold nothing and were not resumed in time (Prefect's pause_expirations service); those that hold
 * slots have a lease. Returns how many.
 */
export async function expirePauses(deps: Deps, deadline: Instant = NEVER): Promise<number> {
  const range = { phase: PAUSED_PHASE, to: sortable(deps.clock.now()), limit: PAGE_RUNS }
  let expired = 0
  let after: PhaseRange['after']
  do {
    const page = await listPhase(deps.table, { ...range, after })
    const expire = ({ runId }: { runId: string }) => expirePause(deps, runId)
    const options = { act: 'expire pause', atOnce: WRITES_AT_ONCE, deadline }
    expired += await eachCaught(deps, page.rows, (row) => row.runId, expire, options)
    after = page.after
  } while (after && deps.clock.now() < deadline)
  return expired
}

async function expirePause(deps: Deps, runId: string): Promise<boolean> {
  const now = deps.clock.now()
  const run = await getRun(deps.table, runId)
  // The index may lag, and the run may be resuming right now: only one still in that pause is out of time.
  if (run?.state.type !== 'PAUSED' || (run.state.details.pauseTimeout ?? NEVER) > now) return false
  const failed = advance(run, newState('FAILED', now, { message: NEVER_RESUMED }))
  if (!(await saveRun(deps.table, run, failed))) return false
  deps.log.info('flow run entered a state', { runId, from: run.state.name, to: failed.state.name })
  await applyConsequences(deps, run, failed)
  return true
}
