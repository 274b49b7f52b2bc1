import type { Deps } from '#shared/deps.ts'
import { consequencesOf } from '#shared/flow-run/consequences.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { hintRoom } from './hint-room.ts'
import { sendWakeUps } from './send-wake-ups.ts'
import { stopEcsTask } from './stop-ecs-task.ts'

/**
 * Applies the consequences of a stored transition. Nothing here can fail the caller: the sweep repairs what is lost.
 */
export async function applyConsequences(deps: Deps, before: FlowRun, after: FlowRun): Promise<void> {
  const { stop, roomIn, wake } = consequencesOf(before, after, deps.clock.now())
  await stopEcsTask(deps, after.id, stop)
  const wokenPoolId = wake?.reason === 'released' ? wake.poolId : undefined
  await hintRoom(deps, roomIn, 'released', wokenPoolId)
  if (wake) await sendWakeUps(deps, [wokenPoolId && roomIn.length > 0 ? { ...wake, limits: roomIn } : wake])
}
