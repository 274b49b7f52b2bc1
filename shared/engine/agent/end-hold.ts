import type { Hold } from '#shared/agent/agent.ts'
import { isHeldAs } from '#shared/agent/settle-holds.ts'
import type { OnAgentLost } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { applyConsequences } from '#shared/engine/dispatch/apply-consequences.ts'
import { rejoinLine } from '#shared/engine/flow-run/rejoin-line.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState, type State } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'

/** Conflicting writers decide again; more rounds than this are left to the next sweep. */
const ROUNDS_MAX = 5

/**
 * Ends a hold of a session that is over, for a reason in a sentence: a run that had not started waits again, one that had
 * is Crashed or waits again by its deployment's policy, and one that was being cancelled is Cancelled. Returns whether
 * the hold is over; it stays where other writers kept getting in between.
 */
export async function endHold(deps: Deps, hold: Hold, reason: string): Promise<boolean> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const run = await getRun(deps.table, hold.runId)
    if (!run || !isHeldAs(run, hold)) return true
    const policy = run.state.type === 'PENDING' ? 'requeue' : await policyOf(deps, run)
    const next = await rejoinLine(deps, run, advance(run, endOf(run, policy, reason, deps.clock.now())))
    // It is held, so its place is there.
    if (typeof next === 'string' || !(await saveRun(deps.table, run, next))) continue
    deps.log.warn('hold of a session ended', { runId: run.id, to: next.state.name, reason })
    await applyConsequences(deps, run, next)
    return true
  }
  return false
}

async function policyOf(deps: Deps, { deploymentId }: FlowRun): Promise<OnAgentLost> {
  const deployment = deploymentId === null ? undefined : await getDeployment(deps.table, deploymentId)
  return deployment?.onAgentLost ?? 'crash'
}

function endOf({ state }: FlowRun, policy: OnAgentLost, reason: string, now: Instant): State {
  if (state.type === 'CANCELLING') return newState('CANCELLED', now, { message: state.message })
  if (policy === 'crash') return newState('CRASHED', now, { message: reason })
  // One that was fetched early keeps its time.
  const due = state.type === 'PENDING' ? Math.max(now, state.details.scheduledTime ?? now) : now
  return newState('SCHEDULED', now, { message: reason, details: { scheduledTime: due } })
}
