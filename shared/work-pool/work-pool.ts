import { idFromName } from '#shared/ids.ts'
import type { Instant } from '#shared/instant.ts'

/** A pool's settings. Its concurrency limit and whether it is paused are in its limit item, which claims condition on. */
export interface WorkPool {
  id: string
  /** Tells this pool from another that had its name, and so its id, before. */
  life: string
  name: string
  description: string | null
  type: string
  baseJobTemplate: Record<string, unknown>
  storageConfiguration: Record<string, unknown>
  defaultQueueId: string
  /** After so many minutes without a sign of life, what a stock worker holds is ended; null or absent: never. */
  silentWorkerMinutes?: number | null
  /** Rises whenever a queue is added or priorities move; a writer that places a queue states the one that it saw. */
  queuesRevision: number
  created: Instant
  updated: Instant
}

/** The id that a pool of this name always has. */
export function poolIdOf(name: string): string {
  return idFromName('work-pool', name)
}

export type PoolStatus = 'READY' | 'NOT_READY' | 'PAUSED'

export const DEFAULT_QUEUE_NAME = 'default'
/** The pool of queues and deployments that name none; Prefect's agents serve it. */
export const AGENT_POOL_NAME = 'default-agent-pool'
export const AGENT_POOL_TYPE = 'prefect-agent'

/** Push pools end in `:push`; the suffix is what Prefect's clients look at. */
export function isPushPool(type: string): boolean {
  return type.endsWith(':push')
}

/** Pools whose name starts with "prefect" are reserved, in any letter case (a rule of Prefect's API). */
export function isReservedPoolName(name: string): boolean {
  return name.toLowerCase().startsWith('prefect')
}

/** A pool's status as Prefect shows it; null for agent pools. A push pool needs no worker to be ready. */
export function poolStatus(pool: Pick<WorkPool, 'type'>, paused: boolean, hasOnlineWorker: boolean): PoolStatus | null {
  if (pool.type === AGENT_POOL_TYPE) return null
  if (paused) return 'PAUSED'
  return isPushPool(pool.type) || hasOnlineWorker ? 'READY' : 'NOT_READY'
}
