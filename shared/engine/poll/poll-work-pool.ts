import type { Deps } from '#shared/deps.ts'
import { listFilteredRuns } from '#shared/engine/read/list-filtered-runs.ts'
import { queueNamesOf } from '#shared/engine/read/queue-names.ts'
import { requirePool } from '#shared/engine/work-pool/require-queue.ts'
import { notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Instant } from '#shared/instant.ts'
import { getQueuesNamed } from '#shared/storage/work-queue/get-queue.ts'
import { poolIdOf } from '#shared/work-pool/work-pool.ts'
import { parseQueueFilter, type QueueFilter } from '#shared/work-queue/queue-filter.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { listScheduledRuns } from './list-scheduled-runs.ts'
import { recordPoll } from './record-poll.ts'

export interface PolledRun {
  run: FlowRun
  queue: Pick<WorkQueue, 'id' | 'poolId' | 'name' | 'poolName'>
}

/** Between which instants runs are due, and how many are wanted. */
export interface PollWindow {
  scheduledBefore?: Instant | undefined
  scheduledAfter?: Instant | undefined
  limit?: number
}

/**
 * What a worker of a pool may try to start now, from the queues that it names or from all; records that they were
 * polled. Raises not_found for the pool and for any of the queues.
 */
export async function pollWorkPool(
  deps: Deps,
  poolName: string,
  { queueNames = [], ...window }: PollWindow & { queueNames?: readonly string[] | undefined },
): Promise<PolledRun[]> {
  const poolId = poolIdOf(poolName)
  if (queueNames.length > 0) {
    const queues = await requireQueues(deps, poolName, queueNames)
    const [runs] = await Promise.all([find(deps, poolId, window, queues), recordPoll(deps, poolId, queues)])
    return runs
  }
  const runs = await find(deps, poolId, window)
  // A pool in which there is work is there: what was planned went by its limit, which comes and goes with it.
  if (runs.length === 0) await requirePool(deps, poolName)
  await recordPoll(deps, poolId)
  return runs
}

/** The queues of those names, in no particular order. Raises not_found for the pool and for any of them. */
async function requireQueues(deps: Deps, poolName: string, names: readonly string[]): Promise<WorkQueue[]> {
  const poolId = poolIdOf(poolName)
  const queues = await getQueuesNamed(deps.table, poolId, names)
  const missing = names.find((name) => !queues.some((queue) => queue.name === name))
  if (missing === undefined) return queues
  await requirePool(deps, poolName)
  throw notFound('Work queue', `${poolName}/${missing}`)
}

/** What an agent of one queue may try to start now. With `unseen`, the poll is not recorded. */
export async function pollWorkQueue(
  deps: Deps,
  queue: WorkQueue,
  { unseen, ...window }: PollWindow & { unseen: boolean },
): Promise<PolledRun[]> {
  const filter = parseQueueFilter(queue.filter)
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
  const runs = await listFilteredRuns(deps, { queueId: queue.id, filter, scheduledBefore, limit })
  return runs.map((run) => ({ run, queue }))
}

async function find(
  deps: Deps,
  poolId: string,
  window: PollWindow,
  named?: readonly WorkQueue[],
): Promise<PolledRun[]> {
  const found = await listScheduledRuns(deps, { poolId, queues: named, ...window })
  const places = found.map(({ queueId }) => ({ poolId, queueId }))
  const names = await queueNamesOf(deps, places)
  return found.flatMap(({ queueId, run }) => {
    const known = queueId === null ? undefined : names.get(queueId)
    return queueId !== null && known ? [{ run, queue: { id: queueId, poolId, ...known } }] : []
  })
}
