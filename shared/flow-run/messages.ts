import type { FlowRun } from './flow-run.ts'

/** Why a task is stopped when its run was claimed again, ended or taken back. */
export const ORPHANED = 'The flow run no longer belongs to this task.'

/** Why a paused run failed (Prefect's words). */
export const NEVER_RESUMED = 'The flow was paused and never resumed.'

/** The message of a cancelled run, that of the cancelling request if it has one. */
export function cancelMessage({ state }: FlowRun): string {
  return state.message ?? 'The flow run was cancelled.'
}

/** The message of a run that exceeded its time limit. */
export function timeoutMessage({ timeoutSeconds }: Pick<FlowRun, 'timeoutSeconds'>): string {
  return `Stopped after its limit of ${timeoutSeconds} seconds.`
}

/** Why a run was cancelled whose deployment is gone, or going. */
export const DEPLOYMENT_DELETED = 'The deployment of the run was deleted.'
