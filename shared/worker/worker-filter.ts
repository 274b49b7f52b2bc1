import {
  type AnyOf,
  combine,
  matchesAny,
  matchesTime,
  type Operator,
  type TimeRange,
} from '#shared/filter/criterion.ts'
import type { Instant } from '#shared/instant.ts'
import { type Worker, workerStatus } from './worker.ts'

/** Prefect's WorkerFilter. */
export interface WorkerFilter {
  operator?: Operator | undefined
  name?: AnyOf | undefined
  status?: AnyOf | undefined
  last_heartbeat_time?: TimeRange | undefined
}

/** Whether a worker matches the filter; without one, all do. */
export function matchesWorker(worker: Worker, filter: WorkerFilter | undefined, now: Instant): boolean {
  if (!filter) return true
  return combine(filter.operator, [
    matchesAny(worker.name, filter.name),
    matchesAny(workerStatus(worker, now), filter.status),
    matchesTime(worker.lastHeartbeat, filter.last_heartbeat_time),
  ])
}
