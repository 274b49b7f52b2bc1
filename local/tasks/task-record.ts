import { createHash } from 'node:crypto'
import type { EcsTask, LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import type { Instant } from '#shared/instant.ts'
import type { ProcessRef } from '#shared/process/process-start.ts'
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../invocation.ts'

export const CONTAINER = 'main'
export const CLUSTER = 'pushpool'

/** A task's record on disk; it is written before anything is started, and outlives the service. */
export interface TaskRecord {
  id: string
  taskArn: string
  token: string
  startedBy: string
  runId: string
  name: string
  /** Whether a Prefect flow runs in it, which sends its logs itself. */
  flow: boolean
  cpu: number | null
  memoryMib: number | null
  status: 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'STOPPED'
  /** What supervises the task's command, and leads its process group. */
  process: ProcessRef | null
  createdAt: Instant
  startedAt: Instant | null
  stoppingAt: Instant | null
  stoppedAt: Instant | null
  stopCode: 'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated' | null
  stoppedReason: string | null
  exitCode: number | null
  containerReason: string | null
}

/** The task id of a token, which prevents a second start: it finds the folder. */
export function taskIdOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 32)
}

function taskArnOf(taskId: string): string {
  return `arn:aws:ecs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:task/${CLUSTER}/${taskId}`
}

/** A task that was requested and is not started yet. */
export function newRecord(request: LaunchRequest, now: Instant): TaskRecord {
  const id = taskIdOf(request.token)
  const { token, startedBy, runId, name, cpu, memoryMib } = request
  return {
    id,
    taskArn: taskArnOf(id),
    token,
    startedBy,
    runId,
    name,
    flow: Object.hasOwn(request.env, 'PREFECT__FLOW_RUN_ID'),
    cpu,
    memoryMib,
    status: 'PROVISIONING',
    process: null,
    createdAt: now,
    startedAt: null,
    stoppingAt: null,
    stoppedAt: null,
    stopCode: null,
    stoppedReason: null,
    exitCode: null,
    containerReason: null,
  }
}

const VERSIONS = { PROVISIONING: 1, PENDING: 2, RUNNING: 3, STOPPED: 5 }
const VERSION_STOPPING = 4

/**
 * The number that ECS raises with each change. It follows from the status alone, so that the events of a task stay in
 * order across a restart of the service, whichever of them was sent before.
 */
export function versionOf(record: TaskRecord): number {
  if (record.status === 'RUNNING' && record.stoppingAt !== null) return VERSION_STOPPING
  return VERSIONS[record.status]
}

/** The task as DescribeTasks would show it. */
export function taskOf(record: TaskRecord): EcsTask {
  const { taskArn, startedBy, status, stopCode, stoppedReason, createdAt, startedAt, stoppedAt, exitCode } = record
  return {
    taskArn,
    startedBy,
    lastStatus: status,
    version: versionOf(record),
    stopCode,
    stoppedReason,
    createdAt,
    startedAt,
    stoppedAt,
    containers: [{ name: CONTAINER, exitCode, reason: record.containerReason }],
  }
}
