import type { WorkQueue } from '../work-queue/work-queue.ts'
import { queueKey } from './table.ts'

interface StoredQueue {
  pk: string
  sk: string
  poolName: string
  name: string
  description: string
  priority: number
  filter?: string
  lastPolled?: number
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

/** A queue from its item. */
export function decodeQueue(item: Record<string, unknown>): WorkQueue {
  const { pk, sk, poolName, name, description, priority, filter, lastPolled, created, updated } =
    item as unknown as StoredQueue
  return {
    id: sk,
    poolId: pk.slice('queues#'.length),
    poolName,
    name,
    description,
    priority,
    filter: filter === undefined ? null : (JSON.parse(filter) as Record<string, unknown>),
    lastPolled: lastPolled ?? null,
    created,
    updated,
  }
}
