import { WAKE_UP_AHEAD_SECONDS } from '#shared/bounds.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { FlowRun } from './flow-run.ts'
import { isWaiting } from './held-run.ts'
import { cancelMessage } from './messages.ts'
import { isTerminal } from './state.ts'

/** Side effects of a stored transition; all of them can be lost and are then repaired. */
export interface Consequences {
  /**
   * The pool to wake, and after how many seconds; null when there is nothing to do there soon. Workers poll by themselves.
   * What a client gives back in a push pool, as few do, is worth a message only if runs wait there.
   */
  wake: { poolId: string; reason: 'released' | 'due'; delaySeconds: number; ifSomeWait?: true } | null
  /** Limits that have room again, for which runs may wait. */
  roomIn: LimitKey[]
  /** The task to stop, and why. */
  stop: { taskArn: string; reason: string } | null
}

/** Pure: what follows from a run having gone from `before` to `after`. */
export function consequencesOf(before: FlowRun, after: FlowRun, now: Instant): Consequences {
  const kept = new Set(after.claim?.slots)
  const freed = (before.claim?.slots ?? []).filter((slot) => !kept.has(slot))
  return {
    wake: wakeOf(before, after, freed.length > 0, now),
    roomIn: freed.filter((slot) => slot.startsWith('deployment#')),
    stop: stopOf(before, after),
  }
}

function wakeOf(before: FlowRun, after: FlowRun, freed: boolean, now: Instant): Consequences['wake'] {
  const poolId = after.poolId ?? before.poolId
  if (!poolId) return null
  const delaySeconds = soonDueSeconds(after, now)
  const released = { poolId, reason: 'released', delaySeconds: 0 } as const
  // What a dispatcher held, a dispatcher can hand out again, and what a client held in a push pool.
  if (freed && before.claim?.by.kind === 'dispatcher') return released
  if (freed && before.job !== null) return delaySeconds === null ? { ...released, ifSomeWait: true } : released
  return delaySeconds === null ? null : { poolId, reason: 'due', delaySeconds }
}

/** In how many seconds a run that waits in line is due; null when that is not soon. */
function soonDueSeconds(run: FlowRun, now: Instant): number | null {
  const due = run.nextScheduledStartTime
  if (!isWaiting(run) || run.blockedBy || due === null) return null
  const waitSeconds = Math.max(0, secondsBetween(now, due))
  return waitSeconds > WAKE_UP_AHEAD_SECONDS ? null : Math.ceil(waitSeconds)
}

function stopOf(before: FlowRun, after: FlowRun): Consequences['stop'] {
  const { type, message } = after.state
  const taskArn = after.launch?.taskArn
  // One that was already cancelling was sent a stop; if that was lost, the sweep repeats it.
  const cancelled = type === 'CANCELLING' || (type === 'CANCELLED' && before.state.type !== 'CANCELLING')
  if (taskArn && cancelled) {
    return { taskArn, reason: cancelMessage(after) }
  }
  // Sent back to wait while its task lives: the next claim starts another one.
  const left = type === 'SCHEDULED' && !isTerminal(before.state.type) && !after.launch ? before.launch?.taskArn : null
  return left ? { taskArn: left, reason: message ?? 'The flow run was scheduled again.' } : null
}
