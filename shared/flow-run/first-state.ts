import type { FlowRun } from './flow-run.ts'
import { isCounted } from './held-run.ts'
import { isTerminal, type StateType } from './state.ts'

/** Where a run begins: it waits, is the record of one that ended elsewhere, is free of limits, or must be claimed. */
export type FirstState = 'plain' | 'claimed' | { problem: string }

/**
 * How a run may be created in a state. One of a deployment or in a pool that is at work already goes through the claim,
 * so that its limits count it; in a push pool only the dispatcher claims.
 */
export function judgeFirstState(
  run: Pick<FlowRun, 'deploymentId' | 'poolId'>,
  type: StateType,
  { pushed }: { pushed: boolean },
): FirstState {
  if (!isCounted(run) || type === 'SCHEDULED' || isTerminal(type)) return 'plain'
  const active = type === 'PENDING' || type === 'RUNNING'
  if (active && !pushed) return 'claimed'
  if (active) return { problem: 'must be SCHEDULED or an end: only the dispatcher claims the runs of a push pool' }
  return { problem: 'must be SCHEDULED, PENDING, RUNNING or an end for a run of a deployment or in a work pool' }
}
