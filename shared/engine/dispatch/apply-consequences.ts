import type { Deps } from '#shared/deps.ts'
import { consequencesOf } from '#shared/flow-run/consequences.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { sendWakeUps } from './send-wake-ups.ts'
import { stopEcsTask } from './stop-ecs-task.ts'
import { unblockRuns } from './unblock-runs.ts'

/**
 * Applies the consequences of a stored transition. Nothing here can fail the caller: the sweep repairs what is lost.
 */
export async function applyConsequences(deps: Deps, before: FlowRun, after: FlowRun): Promise<void> {
  const consequences = consequencesOf(before, after, deps.clock.now())
  await stopEcsTask(deps, after.id, consequences.stop)
  for (const limit of consequences.roomIn) await unblockRuns(deps, limit)
  if (consequences.wake) await sendWakeUps(deps, [consequences.wake])
}
