import type { Instant } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { PastState, State } from './state.ts'

/** Who took a run: pushpool's dispatcher, a Prefect worker or runner by way of set_state, or pushpool's agent. */
interface Claimant {
  kind: 'dispatcher' | 'client' | 'agent'
  name: string | null
}

/** A claim as recorded on the run. Slots are released exactly once, by the transition that ends the hold. */
export interface Claim {
  id: string
  by: Claimant
  at: Instant
  /** Until when the claim counts without new evidence; past it the run is inspected, never dropped. */
  leaseUntil: Instant
  slots: LimitKey[]
  /** Inspections in a row that learned nothing; sets how long the next one waits. Absent when the last one did. */
  missed?: number | undefined
  /** When the process of a stock worker's run last called, as far as it was written down; see sign-of-life.ts. */
  seen?: Instant | undefined
  /** Of an agent: its id and session, which has the lease of all its runs. */
  session?: SessionRef | undefined
}

/** Names a session of an agent. */
export interface SessionRef {
  agentId: string
  session: string
}

/** When a launch got how far, as far as it is known: it is written down only by writes that are made anyway. */
export interface LaunchTimes {
  /** When the service recorded the task. */
  launchedAt?: Instant | undefined
  /** The rest is ECS's. */
  createdAt?: Instant | undefined
  startedAt?: Instant | undefined
  stoppedAt?: Instant | undefined
  stopCode?: string | undefined
  exitCode?: number | undefined
}

/** The launch of a claimed run as an ECS task. */
export interface Launch extends LaunchTimes {
  /** One launch within a generation; it rises only after a reply that proves that no task was started. */
  attempt: number
  taskArn: string | null
  /** The highest `detail.version` of an ECS event applied so far: ECS delivers events late, twice and out of order. */
  taskVersion: number
}

/** A launch of a generation that is over, and why the run went back to wait. */
export interface PastLaunch extends LaunchTimes {
  generation: number
  attempt: number
  taskArn: string | null
  reason: string | null
}

/** A write under an old claim, which was refused. */
export interface RefusedWrite {
  at: Instant
  /** What the claimant named: its generation, and its life where that is not the run's. */
  generation: number
  life: string | null
  what: string
}

/** The last of the refused writes, each kind of each generation once, and how many of them there were. */
export interface RefusedWrites {
  count: number
  last: RefusedWrite[]
}

export const NO_REFUSED_WRITES: RefusedWrites = { count: 0, last: [] }

/** Launches that ECS has not answered, since the last one that it did answer. */
export interface Unanswered {
  /** Calls of RunTask whose outcome is unknown. */
  calls: number
  /** In how many generations, and the last of them. */
  generations: number
  last: number
}

/** How an exit is read: a plain command's exit code decides its state, a Prefect flow reports its own. */
export type JobKind = 'command' | 'flow'

/** What clients set of a run's policy. */
export interface RetrySettings {
  maxRetries: number
  retryDelaySeconds: number
  retries: number | null
  retryDelay: number | null
}

/** Prefect's retry policy of the run. What it holds beside the settings is bookkeeping, which the rules alone write. */
export interface EmpiricalPolicy extends RetrySettings {
  pauseKeys: string[]
  resuming: boolean
  retryType: 'in_process' | 'reschedule' | null
}

/** What seldom or never changes, kept out of the hot item when it is more than a few bytes. */
export interface FlowRunDetails {
  name: string
  tags: string[]
  labels: Record<string, unknown>
  parameters: Record<string, unknown>
  context: Record<string, unknown>
  jobVariables: Record<string, unknown>
  idempotencyKey: string | null
  parentTaskRunId: string | null
  /** The flow run that the parent task run belongs to. */
  parentFlowRunId: string | null
  autoScheduled: boolean
  createdBy: Record<string, unknown> | null
  flowVersion: string | null
  deploymentVersion: string | null
  infrastructureDocumentId: string | null
}

export interface FlowRun {
  id: string
  /** Tells this run from another that had its id before: one that is deleted and created again is another life. */
  life: string
  flowId: string
  deploymentId: string | null
  poolId: string | null
  queueId: string | null
  /** Null until it is planned: at creation where its pool launches it, or else at its first launch. */
  job: JobKind | null
  state: State
  /** Number of the current state, from 1. */
  stateSequence: number
  /** The last states in order, the current one included; older ones fall off (see HISTORY_MAX). */
  history: PastState[]
  /** How many times the run has been claimed; the fencing token. */
  generation: number
  claim: Claim | null
  launch: Launch | null
  /** The launches of earlier generations, oldest first; older ones fall off (see PAST_LAUNCHES_MAX). */
  pastLaunches: PastLaunch[]
  refusedWrites: RefusedWrites
  /** Launches in a row that AWS refused; sets the next backoff, and when an unknown reason counts as permanent. */
  launchRefusals: number
  /** Absent while ECS answers. */
  unanswered?: Unanswered | undefined
  /** The full limit that the run is parked under, if any. */
  blockedBy: LimitKey | null
  timeoutSeconds: number | null
  policy: EmpiricalPolicy
  runCount: number
  expectedStartTime: Instant
  nextScheduledStartTime: Instant | null
  startTime: Instant | null
  endTime: Instant | null
  totalRunTimeSeconds: number
  infrastructurePid: string | null
  created: Instant
  updated: Instant
  /** Counts the writes of the item; every write is conditioned on it, so none is decided on a stale read. */
  revision: number
  details: FlowRunDetails
}

export const NO_POLICY: EmpiricalPolicy = {
  maxRetries: 0,
  retryDelaySeconds: 0,
  retries: null,
  retryDelay: null,
  pauseKeys: [],
  resuming: false,
  retryType: null,
}
