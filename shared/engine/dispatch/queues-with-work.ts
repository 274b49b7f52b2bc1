import type { Deps } from '#shared/deps.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { queueKey } from '#shared/storage/dynamo/table.ts'
import { listReadyLines, type PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'

/**
 * Up to this many lines with work are looked up by skipping through the index, which costs nothing for the queues that
 * are empty. Where more queues have work, the first few in priority order will do, and all are listed instead.
 */
const SKIPS_MAX = 16

export interface QueueInLine {
  id: string
  /** All its waiting runs by due time, where they are known already. */
  waiting?: readonly PhaseEntryRow[] | undefined
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
  const queues = lines.map(({ line, all }) => ({ id: line, waiting: all }))
  // One alone comes first, whatever its priority. If it no longer exists, its limit is missing, and nothing is handed
  // out.
  return { queues: queues.length > 1 ? await byPriority(deps, poolId, queues) : queues, crowded: false }
}

/** The queues in the order of their priorities; those that no longer exist are left out. */
async function byPriority(deps: Deps, poolId: string, queues: readonly QueueInLine[]): Promise<QueueInLine[]> {
  const items = await batchGet(
    deps.table,
    queues.map((queue) => queueKey(poolId, queue.id)),
    false,
  )
  const priorities = new Map(items.map((item) => [String(item.sk), item.priority as number]))
  const priorityOf = ({ id }: QueueInLine) => priorities.get(id) ?? 0
  return queues.filter(({ id }) => priorities.has(id)).toSorted((a, b) => priorityOf(a) - priorityOf(b))
}
