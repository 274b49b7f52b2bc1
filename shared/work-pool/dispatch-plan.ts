import { CLAIM_BATCH_MAX } from '#shared/bounds.ts'
import type { Instant } from '#shared/instant.ts'
import { deploymentLimit, type Limit, type LimitKey, poolLimit, queueLimit, refusalOf } from '#shared/limit/limit.ts'
import { slotsOf } from '#shared/limit/slots.ts'

/** A waiting run, as the index shows it. */
export interface Candidate {
  runId: string
  life: string
  generation: number
  deploymentId: string | null
  due: Instant
  /** Where it waits: in its queue's line, in that of runs that were due much later, or for its deployment's limit. */
  line: 'queue' | 'later' | 'blocked'
}

export interface PlannedQueue {
  queueId: string
  /** Due runs of all lines, oldest first. */
  candidates: readonly Candidate[]
}

export interface PlanInput {
  poolId: string
  /** In order of priority, the highest first. */
  queues: readonly PlannedQueue[]
  /** What was read of the limits of the pool, these queues, and the candidates' deployments. */
  limits: ReadonlyMap<LimitKey, Limit>
  /** How many more runs may be handed out now, whatever room the limits have. */
  handOutMax: number
  now: Instant
}

export interface PlannedRun extends Candidate {
  slots: LimitKey[]
}

/** Why something waits; `limit` names the limit that is in the way, if one is. */
export interface Wait {
  subject: { kind: 'pool' | 'queue' | 'run'; id: string }
  reason: 'missing' | 'counting' | 'paused' | 'deleting' | 'full' | 'hand_out_max'
  limit?: LimitKey | undefined
}

export interface DispatchPlan {
  /** What to claim, queue by queue; each fits one claim transaction. */
  batches: { queueId: string; runs: PlannedRun[] }[]
  /** Runs to park: their deployment's limit has no room, and they must not stand in front of others. */
  parked: { runId: string; limit: LimitKey }[]
  /**
   * How many of the batches come no later than the first queue with runs to park: behind those it may have others, which
   * were not read, and which go before those of the queues after it. Undefined where none is to be parked.
   */
  firm?: number
  /**
   * Runs to move into their queue's line, since only their queue or pool keeps them from starting: of those that wait
   * for a limit as many as it has room for, so that whoever opens the queue need not look for them.
   */
  moved: string[]
  /** Everything that was passed over, and why. */
  waits: Wait[]
}

/** Slots left of each limit as a plan goes on. */
type Room = Map<LimitKey, number>

/**
 * Decides what to hand out next: strictly by queue priority, within a queue oldest first, as far as every limit has
 * room. Pure, and only a plan: the claim checks each limit again in the transaction that takes its slots.
 */
export function planDispatch(input: PlanInput): DispatchPlan {
  const { poolId, queues, limits, handOutMax, now } = input
  const plan: DispatchPlan = { batches: [], parked: [], moved: [], waits: [] }
  const room: Room = new Map([...limits].map(([key, limit]) => [key, refusalOf(limit) ? 0 : limit.available]))
  const poolKey = poolLimit(poolId)
  const closed = reasonOf(limits.get(poolKey))
  if (closed) {
    plan.waits.push({ subject: { kind: 'pool', id: poolId }, reason: closed, limit: poolKey })
    plan.moved.push(...queues.flatMap(({ candidates }) => unblocked(candidates, room)))
    return plan
  }
  let left = handOutMax
  for (const { queueId, candidates } of queues) {
    const parkedBefore = plan.parked.length
    const chosen = chooseRuns({ poolId, queueId, candidates, limits, room, left, now, plan })
    left -= chosen.length
    for (let at = 0; at < chosen.length; at += CLAIM_BATCH_MAX) {
      plan.batches.push({ queueId, runs: chosen.slice(at, at + CLAIM_BATCH_MAX) })
    }
    if (plan.parked.length > parkedBefore) plan.firm ??= plan.batches.length
  }
  return plan
}

interface Choice {
  poolId: string
  queueId: string
  candidates: readonly Candidate[]
  limits: ReadonlyMap<LimitKey, Limit>
  /** Changed in place. */
  room: Room
  left: number
  now: Instant
  plan: DispatchPlan
}

function chooseRuns({ poolId, queueId, candidates, limits, room, left, now, plan }: Choice): PlannedRun[] {
  if (candidates.length === 0) return []
  const queueKey = queueLimit(queueId)
  const closed = reasonOf(limits.get(queueKey))
  if (closed) {
    plan.waits.push({ subject: { kind: 'queue', id: queueId }, reason: closed, limit: queueKey })
    const later = candidates.filter(({ line, due }) => line === 'later' && due <= now).map(({ runId }) => runId)
    plan.moved.push(...later, ...unblocked(candidates, room))
    return []
  }
  const chosen: PlannedRun[] = []
  const kept: Candidate[] = []
  for (const candidate of candidates) {
    const { runId, deploymentId, line } = candidate
    const wait = (reason: Wait['reason'], limit?: LimitKey) =>
      plan.waits.push({ subject: { kind: 'run', id: runId }, reason, limit })
    const slots = slotsOf({ poolId, queueId, deploymentId }, limits)
    const full = slots.find((slot) => (room.get(slot) ?? 0) <= 0)
    if (full && deploymentId && full === deploymentLimit(deploymentId)) {
      wait(reasonOf(limits.get(full)) ?? 'full', full)
      if (line !== 'blocked') plan.parked.push({ runId, limit: full })
    } else if (full) {
      wait('full', full)
      kept.push(candidate)
    } else if (chosen.length >= left) {
      wait('hand_out_max')
    } else {
      for (const slot of slots) room.set(slot, (room.get(slot) ?? 0) - 1)
      chosen.push({ ...candidate, slots })
    }
  }
  plan.moved.push(...unblocked(kept, room))
  return chosen
}

/** Of runs that wait for a limit, those that it has room for, oldest first. */
function unblocked(candidates: readonly Candidate[], room: Room): string[] {
  const taken = new Map<LimitKey, number>()
  return candidates.flatMap(({ runId, deploymentId, line }) => {
    if (line !== 'blocked' || deploymentId === null) return []
    const key = deploymentLimit(deploymentId)
    const count = taken.get(key) ?? 0
    // A limit that no longer exists blocks no run.
    if (count >= (room.get(key) ?? Infinity)) return []
    taken.set(key, count + 1)
    return [runId]
  })
}

/** Why a limit has no room; null while it has. */
function reasonOf(limit: Limit | undefined): Exclude<Wait['reason'], 'hand_out_max'> | null {
  return limit ? refusalOf(limit) : 'missing'
}
