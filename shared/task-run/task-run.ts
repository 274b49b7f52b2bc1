import type { PastState, State } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'

/** How a task run is tried again: Prefect's TaskRunPolicy. Delays are seconds. */
export interface TaskRunPolicy {
  maxRetries: number
  retryDelaySeconds: number
  retries: number | null
  /** One delay for all tries, or one for each; the last counts for those beyond. */
  retryDelay: number | number[] | null
  retryJitterFactor: number | null
}

/** What a task run was created with; large where it was called with many others' results. */
export interface TaskRunDetails {
  taskVersion: string | null
  cacheKey: string | null
  cacheExpiration: Instant | null
  labels: Record<string, unknown>
  /** Where its arguments came from; nothing but user interfaces reads them. */
  inputs: Record<string, unknown>
}

/**
 * One execution of a task within a flow run, as Prefect 2's engine reports it; Prefect 3's reports only those that stand
 * for a subflow or for a run of a deployment in the flow run that started it.
 */
export interface TaskRun {
  id: string
  /** Null for a task that is called outside a flow. */
  flowRunId: string | null
  /** The life of that flow run: another one of its id has nothing to do with this task run. */
  flowRunLife: string | null
  taskKey: string
  /** Distinguishes runs of one task in one flow run. */
  dynamicKey: string
  name: string
  tags: string[]
  policy: TaskRunPolicy
  state: State
  /** Number of the current state, from 1. */
  stateSequence: number
  history: PastState[]
  /** The flow runs linked to it, oldest first: several when its flow run was retried. */
  childIds: string[]
  /** Whether it holds slots of limits on its tags; see leaseOfTaskRun. */
  leased: boolean
  runCount: number
  /** The run count of its flow run when it ran last. */
  flowRunRunCount: number
  expectedStartTime: Instant
  nextScheduledStartTime: Instant | null
  startTime: Instant | null
  endTime: Instant | null
  totalRunTimeSeconds: number
  created: Instant
  updated: Instant
  /** Counts the writes of the item; every write is conditioned on it. */
  revision: number
  details: TaskRunDetails
}

export const NO_TASK_POLICY: TaskRunPolicy = {
  maxRetries: 0,
  retryDelaySeconds: 0,
  retries: null,
  retryDelay: null,
  retryJitterFactor: null,
}

/** Flow runs linked to one task run; beyond that the oldest are dropped. */
export const CHILDREN_MAX = 20
