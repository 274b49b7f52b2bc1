import { type Instant, secondsBetween } from '../instant.ts'
import { WORKER_BEAT_SECONDS_DEFAULT, WORKER_MISSED_BEATS_MAX } from '../limits.ts'

/** A process that polls a pool: a Prefect worker, or pushpool's agent. Unique by pool and name. */
export interface Worker {
  id: string
  poolId: string
  name: string
  lastHeartbeat: Instant
  heartbeatIntervalSeconds: number | null
  created: Instant
}

/** ONLINE until three heartbeats in a row are missing; computed when read, so no loop has to write it. */
export function workerStatus(worker: Worker, now: Instant): 'ONLINE' | 'OFFLINE' {
  const beatSeconds = worker.heartbeatIntervalSeconds ?? WORKER_BEAT_SECONDS_DEFAULT
  const silentSeconds = secondsBetween(worker.lastHeartbeat, now)
  return silentSeconds <= beatSeconds * WORKER_MISSED_BEATS_MAX ? 'ONLINE' : 'OFFLINE'
}
