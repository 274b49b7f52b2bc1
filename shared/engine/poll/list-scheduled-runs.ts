import { PAGE_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { listWork } from '#shared/engine/dispatch/list-work.ts'
import { parkBlocked } from '#shared/engine/dispatch/park-run.ts'
import { planPoolWork } from '#shared/engine/dispatch/plan-pool-work.ts'
import { getFittingRuns } from '#shared/engine/read/get-fitting-runs.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import { listReady } from '#shared/storage/flow-run/list-phase.ts'
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

/** Pages of blocked runs that one poll clears away at most. */
const LOOKS_MAX = 20

interface Found {
  runId: string
  queueId: string | null
}

async function findInPool(deps: Deps, poolId: string, query: ScheduledRunsQuery, limit: number): Promise<Found[]> {
  const { queues, scheduledAfter: dueAfter, scheduledBefore: dueBefore = NEVER } = query
  const search = { poolId, dueAfter, dueBefore, handOutMax: limit }
  const named = queues?.toSorted((a, b) => a.priority - b.priority)
  const find = () => (named ? listWork(deps, { ...search, queues: named }) : planPoolWork(deps, search))
  let plan = await find()
  // Runs whose deployment has no room must not fill the page in front of others that could start.
  for (let look = 1; look < LOOKS_MAX && plan.batches.length === 0 && plan.parked.length > 0; look += 1) {
    await parkBlocked(deps, plan.parked)
    plan = await find()
  }
  return plan.batches.flatMap(({ queueId, runs }) => runs.map(({ runId }) => ({ runId, queueId })))
}

async function findServed(
  deps: Deps,
  deploymentIds: readonly string[],
  { scheduledAfter, scheduledBefore = NEVER }: ScheduledRunsQuery,
  limit: number,
): Promise<Found[]> {
  const lines = await Promise.all(
    deploymentIds.map(async (line) => {
      const range = { poolId: null, line, dueAfter: scheduledAfter, dueBefore: scheduledBefore, limit }
      return (await listReady(deps.table, range)).rows
    }),
  )
  const bySchedule = lines.flat().toSorted((a, b) => (a.sort.slice(-16) < b.sort.slice(-16) ? -1 : 1))
  return bySchedule.slice(0, limit).map(({ runId }) => ({ runId, queueId: null }))
}
