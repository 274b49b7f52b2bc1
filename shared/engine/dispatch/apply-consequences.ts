import type { Deps } from '#shared/deps.ts'
import { errorFields } from '#shared/errors.ts'
import { consequencesOf } from '#shared/flow-run/consequences.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { instantOfSort, LATER_LINE, lineOfSort, readyPhase } from '#shared/flow-run/phase.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { hintRoom } from './hint-room.ts'
import { sendWakeUps } from './send-wake-ups.ts'
import { stopEcsTask } from './stop-ecs-task.ts'

/**
 * Applies the consequences of a stored transition. Nothing here can fail the caller: the sweep repairs what is lost.
 */
export async function applyConsequences(deps: Deps, before: FlowRun, after: FlowRun): Promise<void> {
  const { stop, roomIn, wake: maybe } = consequencesOf(before, after, deps.clock.now())
  await stopEcsTask(deps, after.id, stop)
  const wake = maybe?.ifSomeWait && !(await doSomeWait(deps, maybe.poolId)) ? null : maybe
  const wokenPoolId = wake?.reason === 'released' ? wake.poolId : undefined
  await hintRoom(deps, roomIn, 'released', wokenPoolId)
  if (!wake) return
  const { poolId, reason, delaySeconds } = wake
  const limits = wokenPoolId && roomIn.length > 0 ? { limits: roomIn } : {}
  await sendWakeUps(deps, [{ poolId, reason, ...limits, delaySeconds }])
}

/** Whether a pool has runs in line, as far as its index shows them. */
async function doSomeWait({ table, clock, log }: Deps, poolId: string): Promise<boolean> {
  try {
    const { rows } = await listPhase(table, { phase: readyPhase(poolId), limit: 1 })
    const [first] = rows
    return first !== undefined && (lineOfSort(first.sort) !== LATER_LINE || instantOfSort(first.sort) <= clock.now())
  } catch (error) {
    log.warn('released slots not announced', { poolId, ...errorFields(error) })
    return false
  }
}
