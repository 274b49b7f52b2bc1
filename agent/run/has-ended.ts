import type { Courier } from '../report/courier.ts'
import { isGone } from '../report/failure.ts'
import type { ClaimedRun } from '../report/hand-out.ts'

/** States in which a run is in its process's hands: when that is gone, somebody must say so. */
const IN_PROCESS = new Set(['PENDING', 'RUNNING', 'CANCELLING'])

/**
 * Whether a flow's engine has brought its run to where no process is needed, as it does before it exits; or the run is
 * gone. Throws the signal's reason.
 */
export async function hasEnded(courier: Courier, { flow_run }: ClaimedRun, signal: AbortSignal): Promise<boolean> {
  try {
    const run = await courier.send((client) => client.getFlowRun({ id: flow_run.id }, { signal }), signal)
    return !IN_PROCESS.has(run.state_type)
  } catch (error) {
    signal.throwIfAborted()
    return isGone(error)
  }
}
