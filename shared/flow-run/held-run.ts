import type { Claim, FlowRun } from './flow-run.ts'

/** A run that was claimed and holds its slots. */
export type HeldRun = FlowRun & { claim: Claim }

/** Whether a run was claimed and holds its slots. */
export function isHeld<Run extends Pick<FlowRun, 'claim'>>(run: Run): run is Run & { claim: Claim } {
  return run.claim !== null
}

/** Whether a run waits to be claimed. One that waits for its own retry in its process is still held. */
export function isWaiting(run: Pick<FlowRun, 'state' | 'claim'>): boolean {
  return run.state.type === 'SCHEDULED' && !isHeld(run)
}

/** Whether the dispatcher holds the run, so that an ECS task serves it. */
export function isDispatched<Run extends Pick<FlowRun, 'claim'>>(run: Run): run is Run & { claim: Claim } {
  return isHeld(run) && run.claim.by.kind === 'dispatcher'
}

/** Whether limits count the run: one of a deployment or in a pool holds slots only by a claim. */
export function isCounted(run: Pick<FlowRun, 'deploymentId' | 'poolId'>): boolean {
  return run.deploymentId !== null || run.poolId !== null
}
