import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Instant } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { LimitItem, Picture } from './picture.ts'
import type { Places } from './places.ts'

/** All that decides which runs may start at one moment. */
export interface Moment {
  picture: Picture
  places: Places
  now: Instant
}

/** Whether a run waits to be handed out: one that waits in its own process is held. */
export const waits = ({ state, claim }: FlowRun): boolean => state.type === 'SCHEDULED' && claim === null

export const dueOf = (run: FlowRun): Instant => run.nextScheduledStartTime ?? run.expectedStartTime

/** The limits that a run needs room in: its deployment's only where that has one. */
export function limitsOf({ poolId, queueId, deploymentId }: FlowRun, { limits }: Picture): LimitKey[] {
  const ofDeployment: LimitKey = `deployment#${deploymentId}`
  return [`pool#${poolId}`, `queue#${queueId}`, ...(limits.has(ofDeployment) ? [ofDeployment] : [])]
}

/** How many more runs a limit takes. */
export function roomOf(limit: LimitItem | undefined): number {
  if (!limit || limit.paused || limit.deleting) return 0
  return Math.max(0, limit.limit === null ? Infinity : limit.limit - limit.active)
}

/** Whether nothing but those who go first keeps a run of a pool from starting, whoever hands out its runs. */
export function mayStart(run: FlowRun, { picture, places, now }: Moment): boolean {
  const { poolId, queueId, deploymentId } = run
  if (!waits(run) || poolId === null || queueId === null || dueOf(run) > now) return false
  if (!places.pools.has(poolId) || places.queues.get(queueId)?.poolId !== poolId) return false
  if (deploymentId !== null && !places.deployments.has(deploymentId)) return false
  return limitsOf(run, picture).every((key) => roomOf(picture.limits.get(key)) > 0)
}

/** The runs of push pools that could start, and that the dispatcher must not leave waiting. */
export function startable(moment: Moment): FlowRun[] {
  const { picture, places } = moment
  return [...picture.runs.values()].filter(
    (run) => places.pools.get(run.poolId ?? '')?.push === true && mayStart(run, moment),
  )
}

/** The order of a pool's runs: by their queue's priority, and within a queue by their due time. */
export function compareTurns(one: FlowRun, other: FlowRun, { queues }: Places): number {
  if (one.queueId === other.queueId) return dueOf(one) - dueOf(other)
  const rank = ({ queueId }: FlowRun) => queues.get(queueId ?? '')?.priority ?? Number.MAX_SAFE_INTEGER
  return rank(one) - rank(other)
}

/**
 * How many runs of its pool go before one for the slots of each limit: those that would start if all were handed out now,
 * in their order, and the limits had this much room.
 */
export function runsAhead(run: FlowRun, room: (key: LimitKey) => number, moment: Moment): Map<LimitKey, number> {
  const { picture, places, now } = moment
  const taken = new Map<LimitKey, number>()
  const ahead = [...picture.runs.values()]
    .filter((other) => other !== run && other.poolId === run.poolId && waits(other) && dueOf(other) <= now)
    .filter((other) => compareTurns(other, run, places) < 0)
    .toSorted((a, b) => compareTurns(a, b, places))
  for (const other of ahead) {
    const keys = limitsOf(other, picture)
    if (!keys.every((key) => room(key) > (taken.get(key) ?? 0))) continue
    for (const key of keys) taken.set(key, (taken.get(key) ?? 0) + 1)
  }
  return taken
}

/** Whether another run of its queue is due at the very same time. */
export function hasTwin(run: FlowRun, { picture }: Moment): boolean {
  return [...picture.runs.values()].some(
    (other) => other !== run && other.queueId === run.queueId && waits(other) && dueOf(other) === dueOf(run),
  )
}
