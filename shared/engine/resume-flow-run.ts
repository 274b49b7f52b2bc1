import type { Deps } from '../deps.ts'
import { notFound } from '../errors.ts'
import { getRun } from '../storage/get-run.ts'
import { setState } from './set-state.ts'
import type { SetStateResult } from './set-state-result.ts'

/**
 * Resumes a paused run: one whose process waits is RUNNING again, one that was suspended is scheduled anew (as Prefect
 * does, src/prefect/server/api/flow_runs.py, resume_flow_run). Raises not_found.
 */
export async function resumeFlowRun(deps: Deps, runId: string): Promise<SetStateResult> {
  const run = await getRun(deps.table, runId)
  if (!run) throw notFound('Flow run', runId)
  if (run.state.type !== 'PAUSED') {
    const reason = 'Cannot resume a flow run that is not paused.'
    return { verdict: { status: 'ABORT', reason }, run, wrote: false }
  }
  const { pauseReschedule } = run.state.details
  const scheduledTime = deps.clock.now()
  return await setState(
    deps,
    runId,
    pauseReschedule ? { type: 'SCHEDULED', name: 'Resuming', details: { scheduledTime } } : { type: 'RUNNING' },
  )
}
