import { WORKER_BEAT_SECONDS_DEFAULT, WORKER_MISSED_BEATS_MAX } from '#shared/bounds.ts'
import { idFromName } from '#shared/ids.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'

/** A process that polls a pool: a Prefect worker, or pushpool's agent. Unique by pool and name. */
export interface Worker {
  id: string
  poolId: string
  name: string
  lastHeartbeat: Instant
  heartbeatIntervalSeconds: number | null
  created: Instant
}

/** A worker without a heartbeat for this long is deleted: most take a new name at each start, so they would pile up. */
export const WORKER_KEPT_SECONDS = 7 * 24 * 3600

/** The id that a worker of this name always has in its pool. */
export function workerIdOf(poolId: string, name: string): string {
  return idFromName('worker', poolId, name)
}

/** ONLINE until three heartbeats in a row are missing; computed when read, so no loop has to write it. */
export function workerStatus(worker: Worker, now: Instant): 'ONLINE' | 'OFFLINE' {
  const beatSeconds = worker.heartbeatIntervalSeconds ?? WORKER_BEAT_SECONDS_DEFAULT
  const silentSeconds = secondsBetween(worker.lastHeartbeat, now)
  return silentSeconds <= beatSeconds * WORKER_MISSED_BEATS_MAX ? 'ONLINE' : 'OFFLINE'
}
