import type { Deps } from '#shared/deps.ts'
import { lineOf } from '#shared/flow-run/phase.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { queueKey } from '#shared/storage/dynamo/table.ts'
import type { PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import { LINE_READS_MAX, listReadyLines, type ReadyLines } from '#shared/storage/flow-run/list-ready-lines.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import type { LookReads } from './look-reads.ts'

export interface QueueInLine {
  id: string
  /** All runs of its line by due time, where they are known already. */
  waiting?: readonly PhaseEntryRow[] | undefined
}

export interface LinesOfPool {
  queues: QueueInLine[]
  /** All runs that were due much later, where they are known already. */
  later: readonly PhaseEntryRow[] | undefined
  /** Whether more queues have work than can be found by skipping from one to the next. */
  crowded: boolean
  /** The last queue, by id, up to which it is known which have work. */
  knownTo: string
}

/** Left for the later line, limits, the order of queues, and a plan. */
const PLAN_READS = 7

/** Looks up the queues of a pool that have a line, in no order of priority, with at most so many reads. */
export async function linesOf(
  deps: Deps,
  poolId: string,
  reads: LookReads,
  most = LINE_READS_MAX,
): Promise<LinesOfPool> {
  const found = await listReadyLines(deps.table, poolId, Math.max(1, Math.min(most, reads.left - PLAN_READS)))
  reads.take(found.reads)
  const queues = found.lines.map(({ line, all }) => ({ id: line, waiting: all }))
  return { queues, later: laterRows(found), crowded: !found.complete, knownTo: queues.at(-1)?.id ?? '' }
}

function laterRows({ complete, later }: ReadyLines): readonly PhaseEntryRow[] | undefined {
  if (later) return later.all
  return complete ? [] : undefined
}

/** Keys in one BatchGetItem. */
const KEYS_AT_ONCE = 100

/**
 * The queues in the order of their priorities, with those that only have runs in other lines. In a crowded pool these
 * are all of its queues but those known to be empty, and some may turn out to have no work.
 */
export async function orderedQueues(
  deps: Deps,
  poolId: string,
  { queues, crowded, knownTo }: LinesOfPool,
  others: readonly PhaseEntryRow[],
  reads: LookReads,
): Promise<QueueInLine[]> {
  const known = new Map(queues.map((queue) => [queue.id, queue]))
  // Whoever has runs in another line only has none in its own.
  const waiting = crowded ? undefined : []
  for (const id of new Set(others.map(lineOf))) if (!known.has(id)) known.set(id, { id, waiting })
  // One alone comes first, whatever its priority. If it no longer exists, its limit is missing, and nothing is handed
  // out.
  if (!crowded && known.size <= 1) return [...known.values()]
  if (crowded || known.size > KEYS_AT_ONCE) {
    reads.take(1)
    const all = await listQueues(deps.table, poolId)
    const inLine = all.filter(({ id }) => known.has(id) || (crowded && id > knownTo))
    return inLine.toSorted((a, b) => a.priority - b.priority).map(({ id }) => known.get(id) ?? { id })
  }
  return await byPriority(deps, poolId, [...known.values()], reads)
}

/** The queues in the order of their priorities; those that no longer exist are left out. */
async function byPriority(
  deps: Deps,
  poolId: string,
  queues: readonly QueueInLine[],
  reads: LookReads,
): Promise<QueueInLine[]> {
  reads.take(1)
  const items = await batchGet(
    deps.table,
    queues.map((queue) => queueKey(poolId, queue.id)),
    false,
  )
  const priorities = new Map(items.map((item) => [String(item.sk), item.priority as number]))
  const priorityOf = ({ id }: QueueInLine) => priorities.get(id) ?? 0
  return queues.filter(({ id }) => priorities.has(id)).toSorted((a, b) => priorityOf(a) - priorityOf(b))
}
