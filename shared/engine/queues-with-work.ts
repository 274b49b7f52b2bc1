import type { Deps } from '../deps.ts'
import { batchGet } from '../storage/batch-get.ts'
import { listReadyLines, type PhaseEntryRow } from '../storage/list-phase.ts'
import { listQueues } from '../storage/list-queues.ts'
import { queueKey } from '../storage/table.ts'
import type { WorkQueue } from '../work-queue/work-queue.ts'

/**
 * Up to this many lines with work are looked up by skipping through the index, which costs nothing for the queues that
 * are empty. Where more queues have work, the first few in priority order will do, and all are listed instead.
 */
const SKIPS_MAX = 16

export interface QueueInLine extends Pick<WorkQueue, 'id' | 'priority'> {
  /** All its waiting runs by due time, where they are known already. */
  waiting?: readonly PhaseEntryRow[]
}

/**
 * The queues of a pool that may have waiting runs, by priority. When it is crowded, that is all of its queues, and some of
 * them may turn out to be empty.
 */
export async function queuesWithWork(deps: Deps, poolId: string): Promise<{ queues: QueueInLine[]; crowded: boolean }> {
  const { lines, complete } = await listReadyLines(deps.table, poolId, SKIPS_MAX)
  if (!complete) {
    const all = await listQueues(deps.table, poolId)
    return { queues: all.toSorted((a, b) => a.priority - b.priority), crowded: true }
  }
  const waiting = new Map(lines.map(({ line, all }) => [line, all]))
  const queues = await readQueues(deps, poolId, [...waiting.keys()])
  const inLine = queues.map((queue) => ({ ...queue, waiting: waiting.get(queue.id) }))
  return { queues: inLine.toSorted((a, b) => a.priority - b.priority), crowded: false }
}

/** Reads the priorities of queues; ids of queues that are no more are left out. */
export async function readQueues(deps: Deps, poolId: string, queueIds: readonly string[]): Promise<QueueInLine[]> {
  const items = await batchGet(
    deps.table,
    queueIds.map((queueId) => queueKey(poolId, queueId)),
    false,
  )
  return items.map((item) => ({ id: String(item.sk), priority: item.priority as number }))
}
