import type { Deps } from '#shared/deps.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { getQueuesOf } from './get-queues-of.ts'

export interface QueueNames {
  name: string
  poolName: string
}

/**
 * Names that were read moments ago, by queue id: that saves a read for each run that is shown. At worst, a queue that
 * another process renamed or deleted is shown by its old name until then.
 */
const known = new WeakMap<Table, Known>()
const KNOWN_SECONDS = 10

interface Known {
  names: Map<string, QueueNames>
  until: Instant
}

/** The names of the queues that runs wait in, by id; those that were deleted are left out, sooner or later. */
export async function queueNamesOf(
  deps: Pick<Deps, 'table' | 'clock'>,
  things: readonly { poolId: string | null; queueId: string | null }[],
): Promise<ReadonlyMap<string, QueueNames>> {
  const names = namesKnown(deps)
  const unknown = things.filter(({ queueId }) => queueId !== null && !names.has(queueId))
  if (unknown.length === 0) return names
  for (const { id, name, poolName } of (await getQueuesOf(deps, things)).values()) names.set(id, { name, poolName })
  return names
}

function namesKnown({ table, clock }: Pick<Deps, 'table' | 'clock'>): Map<string, QueueNames> {
  const now = clock.now()
  const before = known.get(table)
  if (before && before.until > now) return before.names
  const names = new Map<string, QueueNames>()
  known.set(table, { names, until: addSeconds(now, KNOWN_SECONDS) })
  return names
}

/** Makes this process read the name of a queue again. */
export function forgetQueueName({ table }: Pick<Deps, 'table'>, queueId: string): void {
  known.get(table)?.names.delete(queueId)
}
