import { CANDIDATES_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { instantOfSort } from '#shared/flow-run/phase.ts'
import type { Instant } from '#shared/instant.ts'
import { deploymentLimit, type Limit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { listReady, type PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { type DispatchPlan, type PlannedQueue, planDispatch } from '#shared/work-pool/dispatch-plan.ts'
import type { QueueInLine } from './queues-with-work.ts'

export interface WorkQuery {
  poolId: string
  /** In order of priority. */
  queues: readonly QueueInLine[]
  dueAfter?: Instant | undefined
  dueBefore: Instant
  handOutMax: number
  /** Runs that the index may still show although they are taken. */
  lost?: ReadonlySet<string>
}

/** Queues read side by side: few at first, as those of the highest priority often suffice, then more and more. */
const QUEUES_AT_ONCE = { first: 2, max: 16 }
/** Runs read beyond those that are wanted, in place of ones that turn out to be blocked. */
const SPARE_MAX = CANDIDATES_MAX / 2

/** The plan, how many runs are in it, and the epoch under which the deployments' limits were read. */
export interface ListedWork extends DispatchPlan {
  planned: number
  poolEpoch: number
}

/**
 * Reads queues in order of priority until there is enough work to hand out, and plans it. A queue without room is not
 * read at all, so a long backlog in it costs nothing.
 */
export async function listWork(deps: Deps, search: WorkQuery): Promise<ListedWork> {
  const { poolId, queues, handOutMax } = search
  const poolKey = poolLimit(poolId)
  const read: PlannedQueue[] = []
  let planned = 0
  let atOnce = QUEUES_AT_ONCE.first
  let limits = new Map<LimitKey, Limit>()
  let plan: DispatchPlan = { batches: [], parked: [], waits: [] }
  for (let at = 0; at < queues.length; ) {
    const some = queues.slice(at, at + atOnce)
    at += some.length
    atOnce = Math.min(QUEUES_AT_ONCE.max, 2 * atOnce)
    // The pool's limit, with its epoch, is read before the deployments' limits: see Limit.epoch.
    const fresh = await getLimits(deps.table, [poolKey, ...some.map((queue) => queueLimit(queue.id))])
    limits = new Map([...fresh, ...limits])
    read.push(...(await Promise.all(some.map((queue) => readQueue(deps, search, queue, limits)))))
    const deployments = read.flatMap((queue) => queue.candidates.flatMap(({ deploymentId }) => deploymentId ?? []))
    const unread = [...new Set(deployments)].map(deploymentLimit).filter((key) => !limits.has(key))
    limits = new Map([...limits, ...(await getLimits(deps.table, unread))])
    plan = planDispatch({ poolId, queues: read, limits, handOutMax })
    planned = plan.batches.reduce((sum, batch) => sum + batch.runs.length, 0)
    const poolLeft = (limits.get(poolKey)?.available ?? 0) - planned
    if (planned >= handOutMax || poolLeft <= 0 || limits.get(poolKey)?.paused) break
  }
  return { ...plan, planned, poolEpoch: limits.get(poolKey)?.epoch ?? 0 }
}

async function readQueue(
  deps: Deps,
  search: WorkQuery,
  queue: QueueInLine,
  limits: ReadonlyMap<LimitKey, Limit>,
): Promise<PlannedQueue> {
  const { poolId, dueAfter, dueBefore, handOutMax } = search
  const limit = limits.get(queueLimit(queue.id))
  const closed = !limit || limit.paused || limit.deleting || limit.available <= 0
  // Of a closed queue one run is enough to say that something waits there.
  const wanted = closed ? 1 : handOutMax + Math.min(handOutMax, SPARE_MAX) + (search.lost?.size ?? 0)
  const rows =
    queue.waiting?.filter((row) => isDue(row, search)).slice(0, wanted) ??
    (await listReady(deps.table, { poolId, line: queue.id, dueAfter, dueBefore, limit: wanted })).rows
  const candidates = rows
    .filter(({ runId }) => !search.lost?.has(runId))
    .map(({ runId, life, generation, deploymentId, sort }) => {
      return { runId, life, generation, deploymentId, due: instantOfSort(sort) }
    })
  return { queueId: queue.id, candidates }
}

function isDue(row: PhaseEntryRow, { dueAfter = 0, dueBefore }: WorkQuery): boolean {
  const due = instantOfSort(row.sort)
  return due >= dueAfter && due <= dueBefore
}
