import type { Deps } from '../deps.ts'
import type { FlowRun } from '../flow-run/flow-run.ts'
import type { ProposedState, Verdict } from '../flow-run/propose.ts'

export interface SetStateOptions {
  force?: boolean
  /** The generation that the proposer works under, when it knows it; an old one is refused. */
  generation?: number
}

/** stub */
export async function setState(
  _deps: Deps,
  _runId: string,
  _proposed: ProposedState,
  _options: SetStateOptions = {},
): Promise<{ verdict: Verdict; run: FlowRun; wrote: boolean }> {
  throw new Error('not yet')
}
