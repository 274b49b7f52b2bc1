import type { WorkPoolView } from '#shared/engine/work-pool/get-work-pool-views.ts'
import { formatInstant } from '#shared/instant.ts'

/** A work pool as Prefect's clients read it. */
export function workPoolView({ pool, limit, status }: WorkPoolView) {
  const cap = limit?.limit ?? null
  return {
    id: pool.id,
    created: formatInstant(pool.created),
    updated: formatInstant(pool.updated),
    name: pool.name,
    description: pool.description,
    type: pool.type,
    base_job_template: pool.baseJobTemplate,
    is_paused: limit?.paused ?? false,
    concurrency_limit: cap,
    status,
    default_queue_id: pool.defaultQueueId,
    // Holds only what was given: clients up to 3.3.7 refuse members that they don't know.
    storage_configuration: pool.storageConfiguration,
    silent_worker_minutes: pool.silentWorkerMinutes ?? null,
    active_slots: cap === null ? null : (limit?.active ?? 0),
  }
}
