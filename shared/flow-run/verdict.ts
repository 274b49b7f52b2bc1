import type { Instant } from '#shared/instant.ts'
import type { EmpiricalPolicy } from './flow-run.ts'
import type { State, StateDetails, StateType } from './state.ts'

/** A proposed state. */
export interface ProposedState {
  type: StateType
  name?: string | undefined
  message?: string | null | undefined
  data?: unknown
  details?: StateDetails | undefined
}

/** Names the claim that a caller works under; one that knows no lives names the generation alone. */
export interface Fence {
  generation: number
  life?: string | undefined
}

export interface ProposalContext {
  now: Instant
  /** Skip the rules that a user may overrule. The guard of slots and fencing always stays. */
  force: boolean
  /** The claim that the proposer works under, when it names it. */
  fence?: Fence | undefined
}

/**
 * Prefect's four answers. `written` on a REJECT says that the state to adopt is a new one, to be stored; otherwise it is
 * the one that the run has. `policy` is what the transition changes in the run's retry policy.
 */
export type Verdict =
  | { status: 'ACCEPT'; state: State; policy?: Partial<EmpiricalPolicy> | undefined }
  | { status: 'REJECT'; state: State; reason: string; written: boolean; policy?: Partial<EmpiricalPolicy> | undefined }
  | { status: 'WAIT'; delaySeconds: number; reason: string }
  | { status: 'ABORT'; reason: string }
