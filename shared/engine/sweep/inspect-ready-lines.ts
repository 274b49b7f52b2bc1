import type { Deps } from '#shared/deps.ts'
import { instantOfSort } from '#shared/flow-run/phase.ts'
import { secondsBetween } from '#shared/instant.ts'
import { type Limit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { listReadyLines, type ReadyLine } from '#shared/storage/flow-run/list-ready-lines.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { oldestReady } from '#shared/work-pool/oldest-ready.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'
import { cancelStrayRuns, strayQueues } from './cancel-stray-runs.ts'

/** Reads for lines; a pool with more of them is looked at in part. */
const READS_MAX = 20

/**
 * Looks at the queues of a pool in which runs wait: records how long they have waited unblocked, and ends the runs
 * whose queue no longer exists. Returns how many it ended. Where nothing waits this is a single read.
 */
export async function inspectReadyLines(deps: Deps, pool: Pick<PoolLines, 'id' | 'push'>): Promise<number> {
  const { lines: queues } = await listReadyLines(deps.table, pool.id, READS_MAX)
  const others = await strayQueues(deps, pool.id)
  if (queues.length === 0) return await cancelStrayRuns(deps, pool.id, others)
  const limits = await getLimits(deps.table, [poolLimit(pool.id), ...queues.map(({ line }) => queueLimit(line))])
  // When a worker comes for the runs of other pools is up to its owner.
  if (pool.push) tellOldest(deps, pool.id, queues, limits)
  const strays = queues.map(({ line }) => line).filter((line) => !limits.has(queueLimit(line)))
  return await cancelStrayRuns(deps, pool.id, [...new Set([...strays, ...others])])
}

function tellOldest(
  deps: Deps,
  poolId: string,
  lines: readonly ReadyLine[],
  limits: ReadonlyMap<LimitKey, Limit>,
): void {
  const now = deps.clock.now()
  const inLine = lines.map(({ line, first }) => ({ queueId: line, due: instantOfSort(first.sort) }))
  const due = oldestReady(poolId, inLine, limits, now)
  if (due !== undefined) deps.metrics.seconds('OldestReadySeconds', secondsBetween(due, now))
}
