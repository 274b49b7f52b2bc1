import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { compareTurns, type Moment, mayStart, roomOf, startable } from './judge.ts'
import { hasReleased, hasStarted } from './starts.ts'

/** After a tick that nothing disturbed no free slot is left beside a run of a push pool that could take it. */
export function idleSlots(after: Moment): string[] {
  return startable(after).map(
    (run) => `run ${run.id} waits in ${placeOf(run, after)} after a tick, and nothing keeps it from starting`,
  )
}

/**
 * No run that its pool's limit kept from starting comes before one that the same tick started, where its own queue's and
 * deployment's limits had room.
 */
export function priorityProblems(before: Moment, after: Moment): string[] {
  if (hasReleased(before.picture, after.picture)) return []
  const started = [...before.picture.runs.values()].filter((run) => hasStarted(run, after.picture))
  return [...Map.groupBy(started, ({ poolId }) => poolId)].flatMap(([poolId, some]) => {
    const last = some.toSorted((a, b) => compareTurns(a, b, before.places)).at(-1)
    if (!last || poolId === null) return []
    return keptByPool(poolId, before, after)
      .filter((run) => compareTurns(run, last, before.places) < 0)
      .map((run) => `run ${run.id} of ${placeOf(run, after)} was passed over for ${last.id} of ${placeOf(last, after)}`)
  })
}

/** Runs that waited before and could start if only their pool had room, as no room was left. */
function keptByPool(poolId: string, before: Moment, after: Moment): FlowRun[] {
  const key = `pool#${poolId}` as const
  const limit = after.picture.limits.get(key)
  if (!limit || limit.paused || limit.deleting || roomOf(limit) > 0) return []
  const limits = new Map([...after.picture.limits, [key, { ...limit, limit: null }]])
  const open = { ...after, picture: { ...after.picture, limits }, now: before.now }
  return [...before.picture.runs].flatMap(([life, run]) => {
    const now = after.picture.runs.get(life)
    return run.poolId === poolId && now && mayStart(now, open) ? [now] : []
  })
}

function placeOf({ poolId, queueId }: FlowRun, { places }: Moment): string {
  return `${places.pools.get(poolId ?? '')?.name}/${places.queues.get(queueId ?? '')?.name}`
}
