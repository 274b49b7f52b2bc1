import type { WorkQueueView } from '#shared/engine/work-pool/get-work-queue-views.ts'
import { formatInstant } from '#shared/instant.ts'
import { orNull } from './flow-run-state.ts'

/** A work queue as Prefect's clients read it. */
export function workQueueView({ queue, limit, status }: WorkQueueView) {
  const cap = limit?.limit ?? null
  return {
    id: queue.id,
    created: formatInstant(queue.created),
    updated: formatInstant(queue.updated),
    name: queue.name,
    description: queue.description,
    is_paused: limit?.paused ?? false,
    concurrency_limit: cap,
    priority: queue.priority,
    work_pool_id: queue.poolId,
    work_pool_name: queue.poolName,
    filter: queue.filter,
    last_polled: orNull(queue.lastPolled),
    status,
    active_slots: cap === null ? null : (limit?.active ?? 0),
  }
}
