import type { Deps } from '#shared/deps.ts'
import { ensureWorkQueue } from '#shared/engine/work-pool/ensure-work-queue.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import type { CallItems } from '#shared/storage/agent/get-call-items.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { getQueuesNamed } from '#shared/storage/work-queue/get-queue.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { poolIdOf } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'

/** A queue that an agent serves. */
export interface ServedQueue {
  queue: WorkQueue
  isPaused: boolean
  /** Whether this call created it. */
  created: boolean
}

/**
 * The queues that an agent serves: those that it names, in that order, and then those whose names begin as it says, by
 * their priority. Named ones that don't exist are created, as Prefect's agent does. What is known of them is not read
 * again. Raises not_found for the pool, and being_deleted.
 */
export async function servedQueues(
  deps: Deps,
  poolName: string,
  { queues: names = [], match }: { queues: readonly string[] | undefined; match: readonly string[] },
  known: Pick<CallItems, 'queues' | 'limits'>,
): Promise<ServedQueue[]> {
  const poolId = poolIdOf(poolName)
  const wanted = [...new Set(names)]
  const isKnown = wanted.every((name) => known.queues.some((queue) => queue.name === name))
  // What is missing here is looked up again before it is created.
  const found = isKnown ? known.queues : await getQueuesNamed(deps.table, poolId, wanted, false)
  const byName = new Map(found.map((queue) => [queue.name, queue]))
  const missing = wanted.filter((name) => !byName.has(name))
  const before = deps.clock.now()
  for (const name of missing) byName.set(name, await ensureWorkQueue(deps, poolName, name))
  const named = wanted.flatMap((name) => byName.get(name) ?? [])
  const matched = await matchedQueues(deps, poolName, match, byName)
  const all = [...named, ...matched]
  // Half the price is worth a pause that is a moment old: the claim goes by the limit itself.
  const keys = all.map(({ id }) => queueLimit(id))
  const areKnown = keys.every((key) => known.limits.has(key))
  const limits = areKnown ? known.limits : await getLimits(deps.table, keys, false)
  return all.map((queue) => {
    const isPaused = limits.get(queueLimit(queue.id))?.paused ?? false
    return { queue, isPaused, created: missing.includes(queue.name) && queue.created > before }
  })
}

async function matchedQueues(
  deps: Deps,
  poolName: string,
  match: readonly string[],
  named: ReadonlyMap<string, WorkQueue>,
): Promise<WorkQueue[]> {
  if (match.length === 0) return []
  const all = await listQueues(deps.table, poolIdOf(poolName))
  return all.filter(({ name }) => !named.has(name) && match.some((prefix) => name.startsWith(prefix)))
}
