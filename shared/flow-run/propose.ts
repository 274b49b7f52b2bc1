import type { EmpiricalPolicy, FlowRun } from './flow-run.ts'
import { RULES } from './rules.ts'
import { isTerminal, newState, type State } from './state.ts'
import type { ProposalContext, ProposedState, Verdict } from './verdict.ts'

/**
 * Decides on a proposed transition: the first rule that objects decides; otherwise it is accepted. Pure, so the caller
 * can decide again on a fresh read when another write came first. Limits are not checked here: the claim enters a state
 * that holds slots, taking them or failing.
 */
export function propose(run: FlowRun, proposed: ProposedState, context: ProposalContext): Verdict {
  const state = newState(proposed.type, context.now, proposed)
  for (const { rule, forced } of RULES) {
    if (context.force && !forced) continue
    const verdict = rule(run, state, context)
    if (verdict?.status === 'ACCEPT')
      return { ...verdict, policy: { ...policyOf(run, verdict.state), ...verdict.policy } }
    if (verdict) return verdict
  }
  return { status: 'ACCEPT', state, policy: policyOf(run, state) }
}

/** What leaving or entering certain states changes in the policy (Prefect: terminal, pause and resume rules). */
function policyOf(run: FlowRun, state: State): Partial<EmpiricalPolicy> | undefined {
  const { type } = run.state
  if (state.type === 'PAUSED') {
    const key = state.details.pauseKey
    return key ? { pauseKeys: [...run.policy.pauseKeys, key] } : undefined
  }
  const resumes = state.type === 'RUNNING' || (state.type === 'SCHEDULED' && run.state.details.pauseReschedule)
  if (type === 'PAUSED' && resumes) return { resuming: true }
  // What ended starts from the top, and so does what waited in a process that no longer exists: its pauses count again.
  const restarts = isTerminal(type) || type === 'PAUSED'
  if (state.type === 'SCHEDULED' && restarts) return { resuming: false, pauseKeys: [], retryType: 'reschedule' }
  return undefined
}
