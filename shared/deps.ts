import type { EcsTask, LaunchRequest } from './ecs-task/ecs-task.ts'
import type { LaunchBucket } from './ecs-task/launch-bucket.ts'
import type { Instant } from './instant.ts'
import type { LimitKey } from './limit/limit.ts'
import type { Table } from './storage/dynamo/table.ts'

export interface Clock {
  now(): Instant
}

/** The source of all ids and randomness, so that a simulation can repeat itself. */
export interface Ids {
  /** A new time-ordered UUID. */
  uuid(): string
  /** A new life: 64 random bits, in hexadecimal. */
  life(): string
  /** A short random name for a claim or a message, unique for all practical purposes. */
  token(): string
  /** A number from 0 up to, but not including, 1. */
  random(): number
}

/**
 * A hint that a pool may have work. Losing it, or getting it twice or late, must never matter. On the wire it is its
 * JSON; readers take only what they know.
 */
export interface WakeUp {
  poolId: string
  reason: 'created' | 'released' | 'resumed' | 'limit-raised' | 'due' | 'more'
  /** Limits that may have room for runs of the pool that wait for them. */
  limits?: readonly LimitKey[]
}

/** A hint that a limit which counts its holders may take its next step. */
export interface CountWakeUp {
  count: LimitKey
  reason: 'count'
}

export type DelayedWakeUp = (WakeUp | CountWakeUp) & { delaySeconds: number }

export interface WakeUps {
  /** Sends hints, each after a delay of whole seconds (at most 900). */
  send(wakeUps: readonly DelayedWakeUp[]): Promise<void>
}

/** Why ECS started no task: the pairs of its `failures[]`, or the message of an error that says so for certain. */
export type RunTaskOutcome =
  | { kind: 'started'; taskArn: string }
  | { kind: 'refused'; reasons: { reason: string; detail: string | null }[] }
  /** ECS throttled the call; nothing was started. */
  | { kind: 'throttled' }

export interface Tasks {
  /**
   * Starts one task. The same token starts it once, however often this is called within the token's life.
   * Throws when the outcome is unknown (a timeout, a 5xx, an answer with neither task nor failure).
   */
  run(request: LaunchRequest): Promise<RunTaskOutcome>
  /** Asks a task to stop; a task that is gone or stopped already is no error. */
  stop(taskArn: string, reason: string): Promise<void>
  /** What ECS knows of these tasks, stopped ones included for about an hour; unknown ones are left out. */
  describe(taskArns: readonly string[]): Promise<EcsTask[]>
  /** The tasks, running or recently stopped, that were started under this name. */
  listStartedBy(startedBy: string): Promise<EcsTask[]>
}

/** Says when something may have changed in the table, so that a call can wait for it. */
export interface Changes {
  /** How many there were so far. Taken before something is read, it says after which ones that was not up to date. */
  readonly count: number
  /**
   * Settles with a change after so many, or after so many seconds; of all who wait, those of a low rank hear first. It may
   * settle without one, and must then be asked again.
   */
  next(after: number, wait: { seconds: number; rank: number }): Promise<void>
  /** The service is stopping: nothing is waited for any more. */
  readonly closed: boolean
}

/** Structured log lines; ids, never payloads. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** Figures that operators see; names are listed in docs/operations.md. */
export interface Metrics {
  /** Adds to a count. */
  count(name: string, value: number): void
  /** Notes a length of time; the longest of an invocation is recorded. */
  seconds(name: string, value: number): void
}

interface Settings {
  /** Where launched tasks reach this service; given to Prefect flows as PREFECT_API_URL. */
  apiUrl: string
  /** Whether callers must present an API key; a local service requires none. */
  requireKeys: boolean
}

/** The engine's dependencies. */
export interface Deps {
  table: Table
  clock: Clock
  ids: Ids
  wakeUps: WakeUps
  tasks: Tasks
  log: Log
  metrics: Metrics
  settings: Settings
  /** Whether the service answers at its own address: the proof that it could have been called. */
  answers(): Promise<boolean>
  /** Absent where calls must not wait: an invocation that waits is paid for. */
  changes?: Changes | undefined
  /** How fast this process may launch. */
  launchBucket: LaunchBucket
}
