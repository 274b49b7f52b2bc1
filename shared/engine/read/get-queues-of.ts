import type { Deps } from '#shared/deps.ts'
import { getQueues } from '#shared/storage/work-queue/get-queue.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'

/** Reads the queues that runs or deployments go to, by id; those that were deleted are left out. */
export async function getQueuesOf(
  deps: Pick<Deps, 'table'>,
  things: readonly { poolId: string | null; queueId: string | null }[],
): Promise<Map<string, WorkQueue>> {
  const byPool = Map.groupBy(things, (thing) => thing.poolId)
  const read = await Promise.all(
    [...byPool].map(async ([poolId, members]) => {
      const queueIds = members.flatMap(({ queueId }) => queueId ?? [])
      return poolId && queueIds.length > 0 ? await getQueues(deps.table, poolId, queueIds) : []
    }),
  )
  return new Map(read.flat().map((queue) => [queue.id, queue]))
}
