import type { Deps } from '#shared/deps.ts'
import { type Consequences, consequencesOf } from '#shared/flow-run/consequences.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { sendWakeUps } from './send-wake-ups.ts'
import { unblockRuns } from './unblock-runs.ts'

/** Carries out what follows from a stored transition. Nothing here can fail the caller: the sweep repairs what is lost. */
export async function carryOut(deps: Deps, before: FlowRun, after: FlowRun): Promise<void> {
  const consequences = consequencesOf(before, after, deps.clock.now())
  await stopTask(deps, after.id, consequences.stop)
  for (const limit of consequences.roomIn) await unblockRuns(deps, limit)
  if (consequences.wake) await sendWakeUps(deps, [consequences.wake])
}

/** Asks for a task to be stopped; when that fails, the next look at the run asks again. */
export async function stopTask(deps: Deps, runId: string, stop: Consequences['stop']): Promise<void> {
  if (!stop) return
  try {
    await deps.tasks.stop(stop.taskArn, stop.reason)
  } catch (error) {
    deps.log.warn('task not stopped', { runId, taskArn: stop.taskArn, reason: String(error) })
    deps.metrics.count('StopsFailed', 1)
  }
}
