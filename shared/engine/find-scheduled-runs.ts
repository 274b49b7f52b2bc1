import type { Deps } from '../deps.ts'
import { notFound } from '../errors.ts'
import type { FlowRun } from '../flow-run/flow-run.ts'
import { type Instant, NEVER } from '../instant.ts'
import { PAGE_MAX } from '../limits.ts'
import { listReady } from '../storage/list-phase.ts'
import { findPoolWork } from './find-pool-work.ts'
import { findWork } from './find-work.ts'
import { parkBlocked } from './park-run.ts'
import { type QueueInLine, readQueues } from './queues-with-work.ts'
import { readAnswer } from './read-answer.ts'

/** What a worker, agent or runner asks for when it polls. */
export interface ScheduledRunsQuery {
  poolId?: string
  /** Only these queues of the pool; all of them when left out. */
  queueIds?: readonly string[]
  /** Instead of a pool: deployments that a process serves by itself, in no pool. */
  deploymentIds?: readonly string[]
  scheduledBefore?: Instant
  scheduledAfter?: Instant
  limit?: number
}

/**
 * The waiting runs that a poller may try to start, in the order in which it should: by queue priority, then by due time,
 * and no more than the limits have room for now, nor than fit an answer. They are candidates; handing out is done by the
 * claim, and the poller asks for more.
 */
export async function findScheduledRuns(
  deps: Deps,
  query: ScheduledRunsQuery,
): Promise<{ queueId: string | null; run: FlowRun }[]> {
  const { poolId, deploymentIds, limit = PAGE_MAX } = query
  if (limit === 0) return []
  const found = poolId
    ? await findInPool(deps, poolId, query, limit)
    : await findServed(deps, deploymentIds ?? [], query, limit)
  const queueOf = new Map(found.map(({ runId, queueId }) => [runId, queueId]))
  const runs = await readAnswer(deps, [...queueOf.keys()], (run) => run.state.type === 'SCHEDULED' && !run.claim)
  return runs.map((run) => ({ queueId: queueOf.get(run.id) ?? null, run }))
}

/** Pages of blocked runs that one poll clears away at most. */
const LOOKS_MAX = 20

interface Found {
  runId: string
  queueId: string | null
}

async function findInPool(deps: Deps, poolId: string, query: ScheduledRunsQuery, limit: number): Promise<Found[]> {
  const { queueIds, scheduledAfter: dueAfter, scheduledBefore: dueBefore = NEVER } = query
  const search = { poolId, dueAfter, dueBefore, handOutMax: limit }
  const queues = queueIds && (await readNamed(deps, poolId, queueIds))
  const find = () => (queues ? findWork(deps, { ...search, queues }) : findPoolWork(deps, search))
  let plan = await find()
  // Runs whose deployment has no room must not fill the page in front of others that could start.
  for (let look = 1; look < LOOKS_MAX && plan.batches.length === 0 && plan.parked.length > 0; look += 1) {
    await parkBlocked(deps, plan.parked)
    plan = await find()
  }
  return plan.batches.flatMap(({ queueId, runs }) => runs.map(({ runId }) => ({ runId, queueId })))
}

/** The named queues by priority. Raises not_found for one that does not exist. */
async function readNamed(deps: Deps, poolId: string, queueIds: readonly string[]): Promise<QueueInLine[]> {
  const queues = await readQueues(deps, poolId, queueIds)
  const missing = queueIds.find((queueId) => !queues.some((queue) => queue.id === queueId))
  if (missing) throw notFound('Work queue', missing)
  return queues.toSorted((a, b) => a.priority - b.priority)
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
