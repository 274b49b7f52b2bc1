import type { Deps } from '#shared/deps.ts'
import type { Consequences } from '#shared/flow-run/consequences.ts'

/** Requests the stop of a task; when that fails, the next inspection of the run repeats it. */
export async function stopEcsTask(deps: Deps, runId: string, stop: Consequences['stop']): Promise<void> {
  if (!stop) return
  try {
    await deps.tasks.stop(stop.taskArn, stop.reason)
  } catch (error) {
    deps.log.warn('task not stopped', { runId, taskArn: stop.taskArn, reason: String(error) })
    deps.metrics.count('StopsFailed', 1)
  }
}
