import type { State, StateDetails, StateType } from './state.ts'
import type { Instant } from '../instant.ts'

/** A state that somebody wants a run to enter. */
export interface ProposedState {
  type: StateType
  name?: string
  message?: string | null
  data?: unknown
  details?: StateDetails
  timestamp?: Instant
}

/** Prefect's four answers to a proposal. */
export type Verdict =
  | { status: 'ACCEPT'; state: State }
  | { status: 'REJECT'; state: State; reason: string; written: boolean }
  | { status: 'WAIT'; delaySeconds: number; reason: string }
  | { status: 'ABORT'; reason: string }
