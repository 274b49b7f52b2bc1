import type { Deps } from '#shared/deps.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { getQueuesOf } from './get-queues-of.ts'

export interface QueueNames {
  name: string
  poolName: string
}

/**
 * Names that were read before, by queue id. An id is derived from the names of pool and queue, so the meaning of an id
 * never changes, and remembering it saves a read for each run that is shown. At worst, a deleted queue is still shown
 * by its name.
 */
const known = new WeakMap<Table, Map<string, QueueNames>>()
const KNOWN_MAX = 10_000

/** The names of the queues that runs wait in, by id; those that were deleted are left out, sooner or later. */
export async function queueNamesOf(
  deps: Pick<Deps, 'table'>,
  things: readonly { poolId: string | null; queueId: string | null }[],
): Promise<ReadonlyMap<string, QueueNames>> {
  const names = known.get(deps.table) ?? new Map<string, QueueNames>()
  known.set(deps.table, names)
  const unknown = things.filter(({ queueId }) => queueId !== null && !names.has(queueId))
  if (unknown.length === 0) return names
  if (names.size > KNOWN_MAX) names.clear()
  for (const { id, name, poolName } of (await getQueuesOf(deps, things)).values()) names.set(id, { name, poolName })
  return names
}
