import * as z from 'zod/mini'
import { parseInstant } from '#shared/instant.ts'
import type { EcsTask } from './ecs-task.ts'

const Text = z.nullish(z.string())

const ContainerOverride = z.object({ name: Text, environment: z.nullish(z.array(z.object({ name: Text }))) })

/** The members of a task that are read, as ECS's events and DescribeTasks give them; all others are ignored. */
export const EcsTaskDetail = z.object({
  taskArn: z.string(),
  startedBy: Text,
  lastStatus: z.string(),
  version: z.optional(z.number()),
  stopCode: Text,
  stoppedReason: Text,
  createdAt: z.nullish(z.union([z.string(), z.date()])),
  startedAt: z.nullish(z.union([z.string(), z.date()])),
  stoppedAt: z.nullish(z.union([z.string(), z.date()])),
  containers: z.nullish(z.array(z.object({ name: Text, exitCode: z.nullish(z.number()), reason: Text }))),
  overrides: z.nullish(z.object({ containerOverrides: z.nullish(z.array(ContainerOverride)) })),
})

const TaskEvent = z.object({
  source: z.literal('aws.ecs'),
  'detail-type': z.literal('ECS Task State Change'),
  detail: EcsTaskDetail,
})

/** Parses an EventBridge event from a message's body; says what is wrong if it is not a task event. */
export function parseEcsTaskEvent(body: string): { task: EcsTask } | { problem: string } {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return { problem: 'not JSON' }
  }
  const result = z.safeParse(TaskEvent, json)
  if (result.success) return { task: ecsTaskOf(result.data.detail) }
  const issue = result.error.issues[0]
  return { problem: `${issue?.path.join('.')}: ${issue?.message}` }
}

/** A task as the engine knows it. A task that failed to start has no containers at all. */
export function ecsTaskOf(task: z.output<typeof EcsTaskDetail>): EcsTask {
  return {
    taskArn: task.taskArn,
    startedBy: task.startedBy ?? null,
    lastStatus: task.lastStatus,
    version: task.version ?? 0,
    stopCode: task.stopCode ?? null,
    stoppedReason: task.stoppedReason ?? null,
    createdAt: instantOf(task.createdAt),
    startedAt: instantOf(task.startedAt),
    stoppedAt: instantOf(task.stoppedAt),
    containers: (task.containers ?? []).map(({ name, exitCode, reason }) => ({
      name: name ?? '',
      exitCode: exitCode ?? null,
      reason: reason ?? null,
    })),
    mainContainer: mainContainerOf(task) ?? undefined,
  }
}

/** ECS lists every container among the overrides; only the one that does the work was given an environment there. */
function mainContainerOf({ overrides }: z.output<typeof EcsTaskDetail>): string | null | undefined {
  return overrides?.containerOverrides?.find(({ environment }) => environment?.length)?.name
}

function instantOf(time: string | Date | null | undefined): number | null {
  if (!time) return null
  return (typeof time === 'string' ? parseInstant(time) : time.getTime() * 1000) ?? null
}
