import type { ReplyOf } from '#shared/client/create-client.ts'
import type { Courier } from '../report/courier.ts'
import { isGone } from '../report/failure.ts'
import type { ClaimedRun } from '../report/hand-out.ts'

type Run = Pick<ReplyOf<'getFlowRun'>, 'state_type' | 'state' | 'empirical_policy'>

/** Whether a run is in its process's hands: when that is gone, somebody must say so. */
function isInProcess({ state_type: type, state, empirical_policy: policy }: Run): boolean {
  if (type === 'PAUSED') return !state.state_details.pause_reschedule
  if (type === 'SCHEDULED') return policy.retry_type === 'in_process'
  return type === 'PENDING' || type === 'RUNNING' || type === 'CANCELLING'
}

/**
 * Whether a flow's engine has brought its run to where no process is needed, as it does before it exits; or the run is
 * gone. Throws the signal's reason.
 */
export async function hasEnded(courier: Courier, { flow_run }: ClaimedRun, signal: AbortSignal): Promise<boolean> {
  try {
    const run = await courier.send((client) => client.getFlowRun({ id: flow_run.id }, { signal }), signal)
    return !isInProcess(run)
  } catch (error) {
    signal.throwIfAborted()
    return isGone(error)
  }
}
