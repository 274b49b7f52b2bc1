import type { WorkQueueView } from '#shared/engine/work-pool/get-work-queue-views.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { formatInstant, type Instant, secondsBetween } from '#shared/instant.ts'
import { orNull } from './flow-run-state.ts'

/** The slots of a queue, and the runs that hold them. */
export function queueSlotsView({ queue, limit }: WorkQueueView, holders: readonly FlowRun[], now: Instant) {
  const active = limit?.active ?? 0
  return {
    queue_id: queue.id,
    queue_name: queue.name,
    active_slots: active,
    concurrency_limit: limit?.limit ?? null,
    flow_runs: holders.map((run) => ({
      id: run.id,
      name: run.details.name,
      state_type: run.state.type,
      state_name: run.state.name,
      start_time: orNull(run.startTime),
      state_timestamp: formatInstant(run.state.timestamp),
      time_in_current_state: Math.max(0, secondsBetween(run.state.timestamp, now)),
    })),
    flow_run_count: active,
  }
}

/** Where a page stands among all. */
export function pageView(count: number, limit: number, page: number) {
  return { count, limit, pages: limit > 0 ? Math.ceil(count / limit) : 0, page }
}
