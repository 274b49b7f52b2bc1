import { formatInstant, type Instant } from '#shared/instant.ts'
import { type Worker, workerStatus } from '#shared/worker/worker.ts'

/** A worker as Prefect's clients read it. */
export function workerView(worker: Worker, now: Instant) {
  return {
    id: worker.id,
    created: formatInstant(worker.created),
    updated: formatInstant(worker.lastHeartbeat),
    name: worker.name,
    work_pool_id: worker.poolId,
    last_heartbeat_time: formatInstant(worker.lastHeartbeat),
    heartbeat_interval_seconds: worker.heartbeatIntervalSeconds,
    status: workerStatus(worker, now),
  }
}
