import { type Limit, type LimitKey, refusalOf, UNLIMITED, unlimited } from '#shared/limit/limit.ts'
import { slotsOf } from '#shared/limit/slots.ts'
import { type Candidate, type PlanInput, type PlannedQueue, planDispatch } from './dispatch-plan.ts'

/** Something that keeps a run from starting at the next look for work. */
export interface Obstacle {
  /** `behind_others`: its limit has room, but not for all the runs that go first. */
  reason: NonNullable<ReturnType<typeof refusalOf>> | 'missing' | 'behind_others'
  limit: LimitKey
  /** How many runs go before it for the slots of this limit, once nothing else is in the way. */
  ahead: number
}

/** What the plan of a pool goes by: its queues with the runs that are due, and limits. */
export type PoolPicture = Omit<PlanInput, 'handOutMax'>

/** More than the kinds of obstacles that the limits of one run can have. */
const ROUNDS_MAX = 16

/**
 * Everything that keeps a run of a pool from starting, by the plan itself: with all of it out of the way the plan hands
 * the run out, and with any of it left the plan does not. Pure.
 */
export function findObstacles(picture: PoolPicture, runId: string): Obstacle[] {
  const place = placeOf(picture.queues, runId)
  if (!place) return []
  // Runs behind it don't matter, nor do others that are not due.
  const ahead = { ...picture, queues: upTo(dueOrSelf(picture, runId), place) }
  const found: Removal[] = []
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { starts, inTheWay } = tryWithout(ahead, place, found)
    if (starts) break
    found.push(...inTheWay)
  }
  const needed = found.filter(
    (one) =>
      !tryWithout(
        ahead,
        place,
        found.filter((other) => other !== one),
      ).starts,
  )
  const { takenAhead } = tryWithout(ahead, place, needed)
  return needed.map(({ reason, limit }) => ({ reason, limit, ahead: takenAhead.get(limit) ?? 0 }))
}

type Removal = Pick<Obstacle, 'reason' | 'limit'>

interface Place {
  candidate: Candidate
  queueId: string
}

function placeOf(queues: readonly PlannedQueue[], runId: string): Place | undefined {
  for (const { queueId, candidates } of queues) {
    const candidate = candidates.find((each) => each.runId === runId)
    if (candidate) return { candidate, queueId }
  }
  return undefined
}

function dueOrSelf({ queues, now }: PoolPicture, runId: string): PlannedQueue[] {
  return queues.map(({ queueId, candidates }) => {
    return { queueId, candidates: candidates.filter((each) => each.due <= now || each.runId === runId) }
  })
}

function upTo(queues: readonly PlannedQueue[], { candidate, queueId }: Place): PlannedQueue[] {
  const at = queues.findIndex((queue) => queue.queueId === queueId)
  return queues.slice(0, at + 1).map((queue) => {
    if (queue.queueId !== queueId) return queue
    return { queueId, candidates: queue.candidates.slice(0, queue.candidates.indexOf(candidate) + 1) }
  })
}

/** Plans as if some obstacles were gone: whether the run starts then, and if not, what stands in its way next. */
function tryWithout(picture: PoolPicture, { candidate, queueId }: Place, removed: readonly Removal[]) {
  const keys = slotsOf({ poolId: picture.poolId, queueId, deploymentId: candidate.deploymentId }, picture.limits)
  const limits = new Map(picture.limits)
  for (const { limit, reason } of removed) limits.set(limit, without(limits.get(limit) ?? unlimited(limit), reason))
  const { batches } = planDispatch({ ...picture, limits, handOutMax: Infinity })
  const chosen = batches.flatMap(({ runs }) => runs)
  const starts = chosen.some(({ runId }) => runId === candidate.runId)
  const takenAhead = new Map<LimitKey, number>()
  for (const { runId, slots } of chosen) {
    if (runId === candidate.runId) continue
    for (const slot of slots) takenAhead.set(slot, (takenAhead.get(slot) ?? 0) + 1)
  }
  const inTheWay = keys.flatMap((key): Removal[] => {
    const limit = limits.get(key)
    const refusal = limit ? refusalOf(limit) : 'missing'
    if (refusal) return [{ reason: refusal, limit: key }]
    const left = (limit?.available ?? 0) - (takenAhead.get(key) ?? 0)
    return left <= 0 ? [{ reason: 'behind_others', limit: key }] : []
  })
  return { starts, inTheWay, takenAhead }
}

/** The limit once something no longer stands in the way. */
function without(limit: Limit, reason: Removal['reason']): Limit {
  switch (reason) {
    case 'missing':
      return limit
    case 'deleting':
      return { ...limit, deleting: false }
    case 'paused':
    case 'counting':
      return { ...limit, paused: false }
    case 'full':
    case 'behind_others':
      return { ...limit, limit: null, available: UNLIMITED }
  }
}
