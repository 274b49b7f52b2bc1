import type { Deps } from '../deps.ts'
import { notFound } from '../errors.ts'
import type { FlowRun } from '../flow-run/flow-run.ts'
import type { Instant } from '../instant.ts'
import { getQueues } from '../storage/get-queue.ts'
import { type QueueFilter, readQueueFilter } from '../work-queue/queue-filter.ts'
import { queueIdOf, type WorkQueue } from '../work-queue/work-queue.ts'
import { findFilteredRuns } from './find-filtered-runs.ts'
import { findScheduledRuns } from './find-scheduled-runs.ts'
import { recordPoll } from './record-poll.ts'
import { requirePool } from './require-queue.ts'

export interface PolledRun {
  run: FlowRun
  queue: WorkQueue
}

/** Between which instants runs are due, and how many are wanted. */
export interface PollWindow {
  scheduledBefore?: Instant
  scheduledAfter?: Instant
  limit?: number
}

/**
 * What a worker of a pool may try to start now, from the queues that it names or from all; takes down that they were
 * polled. Raises not_found for the pool and for any of the queues.
 */
export async function pollPool(
  deps: Deps,
  poolName: string,
  { queueNames = [], ...window }: PollWindow & { queueNames?: readonly string[] },
): Promise<PolledRun[]> {
  const pool = await requirePool(deps, poolName)
  if (queueNames.length === 0) {
    const [runs] = await Promise.all([find(deps, pool.id, window), recordPoll(deps, pool.id)])
    return runs
  }
  const queues = await getQueues(
    deps.table,
    pool.id,
    queueNames.map((name) => queueIdOf(pool.id, name)),
  )
  const missing = queueNames.find((name) => !queues.some((queue) => queue.name === name))
  if (missing !== undefined) throw notFound('Work queue', `${poolName}/${missing}`)
  const [runs] = await Promise.all([find(deps, pool.id, window, queues), recordPoll(deps, pool.id, queues)])
  return runs
}

/** What an agent of one queue may try to start now. With `unseen`, nothing is taken down: somebody only looks. */
export async function pollQueue(
  deps: Deps,
  queue: WorkQueue,
  { unseen = false, ...window }: PollWindow & { unseen?: boolean },
): Promise<PolledRun[]> {
  const filter = readQueueFilter(queue.filter)
  const [runs] = await Promise.all([
    filter ? findFiltered(deps, queue, filter, window) : find(deps, queue.poolId, window, [queue]),
    unseen ? undefined : recordPoll(deps, queue.poolId, [queue]),
  ])
  return runs
}

async function findFiltered(
  deps: Deps,
  queue: WorkQueue,
  filter: QueueFilter,
  { scheduledBefore, limit }: PollWindow,
): Promise<PolledRun[]> {
  const runs = await findFilteredRuns(deps, { queueId: queue.id, filter, scheduledBefore, limit })
  return runs.map((run) => ({ run, queue }))
}

async function find(
  deps: Deps,
  poolId: string,
  window: PollWindow,
  named?: readonly WorkQueue[],
): Promise<PolledRun[]> {
  const queueIds = named?.map((queue) => queue.id)
  const found = await findScheduledRuns(deps, { poolId, queueIds, ...window })
  const ids = [...new Set(found.flatMap(({ queueId }) => queueId ?? []))]
  const queues = named ?? (ids.length > 0 ? await getQueues(deps.table, poolId, ids) : [])
  return found.flatMap(({ queueId, run }) => {
    const queue = queues.find((each) => each.id === queueId)
    return queue ? [{ run, queue }] : []
  })
}
