import type { Deps } from '../deps.ts'
import type { Instant } from '../instant.ts'
import { deploymentLimit, type Limit, type LimitKey, poolLimit, queueLimit } from '../limit/limit.ts'
import { instantOfSort } from '../flow-run/phase.ts'
import { CANDIDATES_MAX } from '../limits.ts'
import { getLimits } from '../storage/get-limits.ts'
import { listReady, type PhaseEntryRow } from '../storage/list-phase.ts'
import { type DispatchPlan, type PlannedQueue, planDispatch } from '../work-pool/dispatch-plan.ts'
import type { QueueInLine } from './queues-with-work.ts'

export interface WorkSearch {
  poolId: string
  /** In order of priority. */
  queues: readonly QueueInLine[]
  dueAfter?: Instant
  dueBefore: Instant
  handOutMax: number
  /** Runs that the index may still show although they are taken. */
  lost?: ReadonlySet<string>
}

/** Queues read side by side: enough to hide the round trips, few enough to waste little when the first one suffices. */
const QUEUES_AT_ONCE = 8

/**
 * Reads queues in order of priority until there is enough work to hand out, and plans it. A queue without room is not
 * read at all, so a long backlog in it costs nothing.
 */
export async function findWork(deps: Deps, search: WorkSearch): Promise<DispatchPlan & { poolEpoch: number }> {
  const { poolId, queues, handOutMax } = search
  const poolKey = poolLimit(poolId)
  const planned: PlannedQueue[] = []
  let limits = new Map<LimitKey, Limit>()
  let plan = planDispatch({ poolId, queues: planned, limits, handOutMax })
  for (let at = 0; at < queues.length; at += QUEUES_AT_ONCE) {
    const some = queues.slice(at, at + QUEUES_AT_ONCE)
    // The pool's limit, with its epoch, is read before the deployments' limits: see Limit.epoch.
    const fresh = await getLimits(deps.table, [poolKey, ...some.map((queue) => queueLimit(queue.id))])
    limits = new Map([...fresh, ...limits])
    planned.push(...(await Promise.all(some.map((queue) => readQueue(deps, search, queue, limits)))))
    const deployments = planned.flatMap((queue) => queue.candidates.flatMap(({ deploymentId }) => deploymentId ?? []))
    const unread = [...new Set(deployments)].map(deploymentLimit).filter((key) => !limits.has(key))
    limits = new Map([...limits, ...(await getLimits(deps.table, unread))])
    plan = planDispatch({ poolId, queues: planned, limits, handOutMax })
    const planning = plan.batches.reduce((sum, batch) => sum + batch.runs.length, 0)
    const poolLeft = (limits.get(poolKey)?.available ?? 0) - planning
    if (planning >= handOutMax || poolLeft <= 0 || limits.get(poolKey)?.paused) break
  }
  return { ...plan, poolEpoch: limits.get(poolKey)?.epoch ?? 0 }
}

async function readQueue(
  deps: Deps,
  search: WorkSearch,
  queue: QueueInLine,
  limits: ReadonlyMap<LimitKey, Limit>,
): Promise<PlannedQueue> {
  const { poolId, dueAfter, dueBefore, handOutMax } = search
  const limit = limits.get(queueLimit(queue.id))
  const closed = !limit || limit.paused || limit.deleting || limit.available <= 0
  // Of a closed queue one run is enough to say that something waits there.
  const wanted = closed ? 1 : Math.max(CANDIDATES_MAX, handOutMax) + (search.lost?.size ?? 0)
  const rows =
    queue.waiting?.filter((row) => isDue(row, search)).slice(0, wanted) ??
    (await listReady(deps.table, { poolId, line: queue.id, dueAfter, dueBefore, limit: wanted })).rows
  const candidates = rows
    .filter(({ runId }) => !search.lost?.has(runId))
    .map(({ runId, generation, deploymentId, sort }) => {
      return { runId, generation, deploymentId, due: instantOfSort(sort) }
    })
  return { queueId: queue.id, candidates }
}

function isDue(row: PhaseEntryRow, { dueAfter = 0, dueBefore }: WorkSearch): boolean {
  const due = instantOfSort(row.sort)
  return due >= dueAfter && due <= dueBefore
}
