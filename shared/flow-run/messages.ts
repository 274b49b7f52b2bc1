import type { FlowRun } from './flow-run.ts'

/** Why a task is stopped whose run was claimed again, ended or taken back. */
export const ORPHANED = 'The flow run no longer belongs to this task.'

/** What is said of a cancelled run, in the words of whoever cancelled it if there are any. */
export function cancelMessage({ state }: FlowRun): string {
  return state.message ?? 'The flow run was cancelled.'
}

/** What is said of a run that ran for longer than it may. */
export function timeoutMessage({ timeoutSeconds }: FlowRun): string {
  return `Stopped after its limit of ${timeoutSeconds} seconds.`
}
