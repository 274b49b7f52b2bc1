import type { FlowRunDetails, RetrySettings } from './flow-run.ts'
import type { ProposedState } from './verdict.ts'
import type { Origin } from './writer.ts'

/** A new run as a caller describes it; omitted members follow from its deployment, or take the default. */
export interface NewFlowRun {
  flowId: string
  deploymentId?: string | undefined
  /** Where it waits, by name; without a queue, in its deployment's. */
  poolName?: string | undefined
  queueName?: string | undefined
  state?: ProposedState | undefined
  policy?: Partial<RetrySettings>
  /** Whether its parameters must conform to the deployment's schema, where the deployment says otherwise. */
  enforceParameterSchema?: boolean | undefined
  details?: Partial<FlowRunDetails>
  /** Who creates it; the service itself when left out. */
  origin?: Origin | undefined
}
