import { parseJson } from '#shared/json/parse-json.ts'
import { POOL_POLL_SORT, queueKey } from '#shared/storage/dynamo/table.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'

interface StoredQueue {
  pk: string
  sk: string
  life: string
  poolName: string
  name: string
  description: string
  priority: number
  filter?: string | undefined
  lastPolled?: number | undefined
  created: number
  updated: number
}

/** The queue's item. The filter is kept as JSON text, as free-form JSON is everywhere. */
export function encodeQueue(queue: WorkQueue): StoredQueue {
  const { id, poolId, filter, lastPolled, ...rest } = queue
  return {
    ...queueKey(poolId, id),
    ...rest,
    filter: filter ? JSON.stringify(filter) : undefined,
    lastPolled: lastPolled ?? undefined,
  }
}

/**
 * Queues from the items of one pool's partition. A poll that named no queue is kept in one item beside them, and counts
 * for each that was there then.
 */
export function decodeQueues(items: readonly Record<string, unknown>[]): WorkQueue[] {
  const poolPolled = items.find((item) => item.sk === POOL_POLL_SORT)?.lastPolled as number | undefined
  return items.filter((item) => item.sk !== POOL_POLL_SORT).map((item) => decodeQueue(item, poolPolled ?? 0))
}

function decodeQueue(item: Record<string, unknown>, poolPolled: number): WorkQueue {
  const { pk, sk, life, poolName, name, description, priority, filter, lastPolled, created, updated } =
    item as unknown as StoredQueue
  return {
    id: sk,
    life,
    poolId: pk.slice('queues#'.length),
    poolName,
    name,
    description,
    priority,
    filter: filter === undefined ? null : (parseJson(filter) as Record<string, unknown>),
    lastPolled: Math.max(lastPolled ?? 0, poolPolled >= created ? poolPolled : 0) || null,
    created,
    updated,
  }
}
