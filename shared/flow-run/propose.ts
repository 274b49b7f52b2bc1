import type { Instant } from '../instant.ts'
import type { EmpiricalPolicy, FlowRun } from './flow-run.ts'
import { RULES } from './rules.ts'
import { newState, type State, type StateDetails, type StateType } from './state.ts'

/** A state that somebody wants a run to enter. */
export interface ProposedState {
  type: StateType
  name?: string
  message?: string | null
  data?: unknown
  details?: StateDetails
}

export interface ProposalContext {
  now: Instant
  /** Skip the rules that a user may overrule. The guard of slots and fencing always stays. */
  force: boolean
  /** The generation that the proposer works under, when it says so. */
  generation?: number
}

/**
 * Prefect's four answers. `written` on a REJECT says that the state to adopt is a new one, to be stored; otherwise it is
 * the one that the run has. `policy` is what the transition changes in the run's retry policy.
 */
export type Verdict =
  | { status: 'ACCEPT'; state: State; policy?: Partial<EmpiricalPolicy> }
  | { status: 'REJECT'; state: State; reason: string; written: boolean; policy?: Partial<EmpiricalPolicy> }
  | { status: 'WAIT'; delaySeconds: number; reason: string }
  | { status: 'ABORT'; reason: string }

/**
 * Decides on a proposed transition: the first rule that has an objection answers; without one it is accepted. Pure, so
 * the caller can decide again on a fresh read when another write came first. Limits are not asked here: entering a
 * state that holds slots is then done by the claim, which takes them or fails.
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
  if (type === 'PAUSED' && (state.type === 'RUNNING' || state.type === 'SCHEDULED')) return { resuming: true }
  if (state.type === 'SCHEDULED' && isEnded(type)) return { resuming: false, pauseKeys: [], retryType: 'reschedule' }
  if (state.type === 'RUNNING' && run.policy.retryType === 'in_process') return { retryType: null }
  return undefined
}

const isEnded = (type: StateType) =>
  type === 'COMPLETED' || type === 'FAILED' || type === 'CANCELLED' || type === 'CRASHED'
