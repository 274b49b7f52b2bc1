import { createHash } from 'node:crypto'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Instant } from '#shared/instant.ts'
import type { LaunchExtras } from './launch-extras.ts'

/** All that is needed to start one task for one attempt at a run; the same attempt always gives the same request. */
export interface LaunchRequest {
  /** ECS clientToken: at most 64 characters. */
  token: string
  startedBy: string
  runId: string
  /** The run's name, for people who look at the task. */
  name: string
  /** The run and what it belongs to, for people and the bill. */
  labels: Record<string, string>
  /** Arguments, the program first; no shell comes between. */
  command: string[]
  image: string | null
  env: Record<string, string>
  /** CPU units, 1024 to a vCPU. */
  cpu: number | null
  memoryMib: number | null
  /** The settings of the job by the names of Prefect's ECS variables; what else an adapter may need. */
  configuration: Record<string, unknown>
  /** What the pool's template says in ECS's own words. */
  extras: LaunchExtras
}

/** The container that does the work and that overrides speak of, unless the pool's template names another. */
export const MAIN_CONTAINER = 'main'

export interface EcsTaskContainer {
  name: string
  exitCode: number | null
  reason: string | null
}

/** A task as ECS describes it, in an event or in an answer. */
export interface EcsTask {
  taskArn: string
  startedBy: string | null
  lastStatus: string
  version: number
  stopCode: string | null
  stoppedReason: string | null
  createdAt: Instant | null
  startedAt: Instant | null
  stoppedAt: Instant | null
  containers: EcsTaskContainer[]
  /** The main container, where ECS names it; it has the usual name otherwise. */
  mainContainer?: string | undefined
}

const STOPPED = 'STOPPED'
const RUNNING = 'RUNNING'

/** True once ECS says that the task has stopped. */
export function isStopped(task: EcsTask): boolean {
  return task.lastStatus === STOPPED
}

/** True while ECS says that the task runs; not while it starts or stops. */
export function isRunning(task: EcsTask): boolean {
  return task.lastStatus === RUNNING
}

/** What names one hand-out of a run: which life of it, and the generation of the claim. */
export type HandOut = Pick<FlowRun, 'id' | 'life' | 'generation'>

/** Whether a run is still, or was, handed out that once. */
export function isHandOut(run: HandOut, { life, generation }: Pick<HandOut, 'life' | 'generation'>): boolean {
  return run.life === life && run.generation === generation
}

/** ECS takes `startedBy` up to 128 letters, digits, hyphens, slashes and underscores; it comes back in every event. */
export function startedByOf({ id, life, generation }: HandOut): string {
  return `${id}/${life}/${generation}`
}

/** The hand-out that a task was started for; undefined for tasks that are not ours. */
export function parseStartedBy(startedBy: string | null): HandOut | undefined {
  const [, id, life, generation] = /^([0-9a-f-]{36})\/([0-9a-f]{16})\/(\d{1,9})$/.exec(startedBy ?? '') ?? []
  return id && life ? { id, life, generation: Number(generation) } : undefined
}

/** The token under which ECS starts a task once for this attempt: 43 characters of the 64 that ECS allows. */
export function launchToken({ id, life, generation }: HandOut, attempt: number): string {
  return createHash('sha256').update(`${id}/${life}/${generation}/${attempt}`).digest('base64url')
}
