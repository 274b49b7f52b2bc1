import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Verdict } from '#shared/flow-run/verdict.ts'

/** The outcome of a proposed state. */
export interface SetStateResult {
  verdict: Verdict
  /** The run as it is now. */
  run: FlowRun
  /** Whether a new state was stored. */
  wrote: boolean
}
