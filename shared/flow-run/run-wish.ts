import type { EmpiricalPolicy, FlowRunDetails } from './flow-run.ts'
import type { ProposedState } from './verdict.ts'

/** What somebody wishes of a new run; what is left out follows from its deployment, or is the default. */
export interface RunWish {
  /** A queue other than the deployment's. */
  queueName?: string
  state?: ProposedState
  policy?: Partial<EmpiricalPolicy>
  /** Whether its parameters must conform to the deployment's schema, where the deployment says otherwise. */
  enforceParameterSchema?: boolean
  details: Partial<FlowRunDetails>
}
