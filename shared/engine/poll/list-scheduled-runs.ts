import { PAGE_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { HINTS_AT_ONCE, type HintedLimit } from '#shared/engine/dispatch/blocked-rows.ts'
import { isDue } from '#shared/engine/dispatch/list-work.ts'
import { moveToLine } from '#shared/engine/dispatch/move-to-line.ts'
import { parkBlocked } from '#shared/engine/dispatch/park-run.ts'
import { passOver } from '#shared/engine/dispatch/pass-over.ts'
import { planPoolWork } from '#shared/engine/dispatch/plan-pool-work.ts'
import { getFittingRuns } from '#shared/engine/read/get-fitting-runs.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import { deploymentLimit, refusalOf } from '#shared/limit/limit.ts'
import { listBlocked, listReady } from '#shared/storage/flow-run/list-phase.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { deleteRoomHint, listRoomHints, type RoomHint } from '#shared/storage/limit/room-hints.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'

/** The poll of a worker, agent or runner. */
export interface ScheduledRunsQuery {
  poolId?: string
  /** Only these queues of the pool; all of them when left out. */
  queues?: readonly Pick<WorkQueue, 'id' | 'priority'>[] | undefined
  /** Instead of a pool: deployments that a process serves by itself, in no pool. */
  deploymentIds?: readonly string[]
  scheduledBefore?: Instant | undefined
  scheduledAfter?: Instant | undefined
  limit?: number
}

/**
 * The waiting runs that a poller may try to start, in the order in which it should: by queue priority, then by due
 * time, and no more than the limits have room for now, nor than fit an answer. They are candidates; handing out is done
 * by the claim, and the poller polls for more.
 */
export async function listScheduledRuns(
  deps: Deps,
  query: ScheduledRunsQuery,
): Promise<{ queueId: string | null; run: FlowRun }[]> {
  const { poolId, deploymentIds, limit = PAGE_MAX } = query
  if (limit === 0) return []
  const found = poolId
    ? await findInPool(deps, poolId, query, limit)
    : await findServed(deps, deploymentIds ?? [], query, limit)
  const queueOf = new Map(found.map(({ runId, queueId }) => [runId, queueId]))
  const runs = await getFittingRuns(deps, [...queueOf.keys()], isWaiting)
  return runs.map((run) => ({ queueId: queueOf.get(run.id) ?? null, run }))
}

/** Looks that one poll makes at most, each over other queues, or past runs that turn out to be blocked. */
const LOOKS_MAX = 20
/** Runs that all looks but the first read beyond those that are wanted: they stand behind ones that were blocked. */
const SPARE = 100
/** Hints of room that one poll follows at first; those that come to nothing make way for others. */
const HINTS_MAX = 5 * HINTS_AT_ONCE

interface Found {
  runId: string
  queueId: string | null
}

async function findInPool(deps: Deps, poolId: string, query: ScheduledRunsQuery, limit: number): Promise<Found[]> {
  const { scheduledAfter: dueAfter, scheduledBefore: dueBefore = NEVER } = query
  const queues = query.queues?.toSorted((a, b) => a.priority - b.priority)
  const readHints = async () => await listRoomHints(deps.table, poolId, deps.ids.random(), HINTS_MAX)
  const passed = new Set<string>()
  const lost = new Set<string>()
  let hints: readonly RoomHint[] = []
  let hinted: readonly HintedLimit[] | undefined
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const spare = look === 0 ? undefined : SPARE
    const readHinted = async () => hinted ?? (hints = await readHints())
    const search = { poolId, queues, dueAfter, dueBefore, handOutMax: limit, spare, lost, passed, readHinted }
    const plan = await planPoolWork(deps, search)
    const moved = await moveToLine(deps, plan.moved)
    await forget(deps, poolId, hints, plan.spent)
    const found = plan.batches.flatMap(({ queueId, runs }) => runs.map(({ runId }) => ({ runId, queueId })))
    if (found.length > 0) return found
    // Runs whose deployment has no room must not fill the page in front of others that could start.
    await parkBlocked(deps, plan.parked)
    hinted = plan.hinted
    if ([plan.parked, moved, hinted, plan.unreached].every(({ length }) => length === 0)) break
    passOver(lost, [...plan.parked.map(({ runId }) => runId), ...moved])
    for (const queueId of plan.passed) passed.add(queueId)
  }
  return []
}

async function forget(deps: Deps, poolId: string, hints: readonly RoomHint[], spent: readonly string[]): Promise<void> {
  const gone = hints.filter(({ limit }) => spent.includes(limit))
  await Promise.all(gone.map((hint) => deleteRoomHint(deps.table, poolId, hint)))
}

async function findServed(
  deps: Deps,
  deploymentIds: readonly string[],
  { scheduledAfter, scheduledBefore = NEVER }: ScheduledRunsQuery,
  limit: number,
): Promise<Found[]> {
  const limits = await getLimits(deps.table, deploymentIds.map(deploymentLimit))
  const dues = { dueAfter: scheduledAfter, dueBefore: scheduledBefore }
  const lines = await Promise.all(
    deploymentIds.map(async (line) => {
      const ready = await listReady(deps.table, { poolId: null, line, ...dues, limit })
      const own = limits.get(deploymentLimit(line))
      if (!own || refusalOf(own) !== null) return ready.rows
      const blocked = await listBlocked(deps.table, { poolId: null, limitKey: own.key, limit })
      return [...ready.rows, ...blocked.rows.filter((row) => isDue(row, dues))]
    }),
  )
  const bySchedule = lines.flat().toSorted((a, b) => (a.sort.slice(-16) < b.sort.slice(-16) ? -1 : 1))
  return bySchedule.slice(0, limit).map(({ runId }) => ({ runId, queueId: null }))
}
