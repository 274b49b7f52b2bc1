import type { Deps } from '../deps.ts'
import type { FlowRun, FlowRunDetails, EmpiricalPolicy } from '../flow-run/flow-run.ts'
import type { ProposedState } from '../flow-run/propose.ts'

/** What a caller may say of a new run; what is left out follows from the deployment, or is the default. */
export interface NewFlowRun {
  flowId: string
  deploymentId?: string
  /** Where the run goes; without it, to the deployment's queue. */
  queue?: { poolId: string; queueId: string }
  state?: ProposedState
  details?: Partial<FlowRunDetails>
  policy?: Partial<EmpiricalPolicy>
}

/** stub */
export async function createFlowRun(_deps: Deps, _input: NewFlowRun): Promise<{ run: FlowRun; created: boolean }> {
  throw new Error('not yet')
}
