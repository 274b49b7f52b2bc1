import { createHash } from 'node:crypto'
import type { LogConfiguration, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import type { EcsEnv } from '#shared/config.ts'
import type { LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { overridesOf } from '#shared/ecs-task/launch-request.ts'
import type { Capacity } from './capacity.ts'
import type { LaunchVariables } from './launch-variables.ts'
import { NotAllowed } from './not-allowed.ts'
import { checkedSecrets, secretsOf } from './task-secrets.ts'
import { taskSize } from './task-size.ts'

export interface TaskDefinition {
  /** Of all that follows; the same content always has the same. */
  hash: string
  input: RegisterTaskDefinitionCommandInput
}

/** Of a family: letters, digits, hyphens and underscores, at most 255; an ECS limit. */
const FAMILY_WORD_MAX = 80
const HASH_CHARS = 16

/**
 * The task definition that a launch needs. Only what can't be overridden per task is in it, so that runs share it:
 * image, size, roles, logs, secrets and platform. Its family is named by its content: no two contents share a family,
 * so no registration waits for another ("Too many concurrent attempts to create a new revision"). Raises NotAllowed.
 */
export function taskDefinitionOf(
  env: EcsEnv,
  request: LaunchRequest,
  variables: LaunchVariables,
  capacity: Capacity,
  awsvpc: boolean,
): TaskDefinition {
  const image = request.image ?? env.DEFAULT_IMAGE
  if (!image)
    throw new NotAllowed('InvalidParameter', "job variable 'image' is required: the stack has no default image")
  const { extras } = request
  const logConfiguration = logsOf(env, extras.logOptions)
  const content = {
    ...extras.definition,
    ...taskSize(request.cpu, request.memoryMib),
    taskRoleArn: env.TASK_ROLE_ARN,
    executionRoleArn: env.EXECUTION_ROLE_ARN,
    networkMode: awsvpc ? ('awsvpc' as const) : ('bridge' as const),
    requiresCompatibilities: [capacity.kind],
    runtimePlatform: {
      cpuArchitecture: variables.cpu_architecture ?? env.CPU_ARCHITECTURE,
      operatingSystemFamily: 'LINUX' as const,
    },
    containerDefinitions: [
      ...extras.sidecars.map((sidecar) => sidecarOf(env, sidecar, logConfiguration)),
      {
        ...extras.container,
        name: containerNameOf(request),
        image,
        essential: true,
        secrets: secretsOf(env, variables, request.env),
        logConfiguration,
        // A program that is process 1 ignores SIGTERM unless it handles it, and would be killed half a minute later.
        linuxParameters: { initProcessEnabled: true },
      },
    ],
  }
  const family = [env.TASK_FAMILY_PREFIX, familyWord(variables.family)].filter(Boolean).join('-')
  const hash = createHash('sha256')
    .update(JSON.stringify({ family, ...content }))
    .digest('hex')
  return { hash, input: { family: `${family}-${hash.slice(0, HASH_CHARS)}`, ...content } }
}

/** The container that the overrides apply to. */
function containerNameOf(request: LaunchRequest): string {
  return overridesOf(request).containerOverrides[0]?.name ?? ''
}

/** A container beside the one that does the work; its logs go where the others go. Raises NotAllowed. */
function sidecarOf(env: EcsEnv, sidecar: Record<string, unknown>, logConfiguration: LogConfiguration) {
  const { secrets = {}, ...members } = sidecar
  return { ...members, secrets: checkedSecrets(env, secrets as Record<string, string>), logConfiguration }
}

function logsOf(env: EcsEnv, chosen: Record<string, unknown>): LogConfiguration {
  const options = {
    'awslogs-stream-prefix': env.TASK_FAMILY_PREFIX,
    ...Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, String(value)])),
    'awslogs-group': env.TASK_LOG_GROUP,
    'awslogs-region': env.CLUSTER_ARN.split(':')[3] ?? '',
  }
  return { logDriver: 'awslogs', options }
}

function familyWord(family: string | null | undefined): string {
  return (family ?? '').replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, FAMILY_WORD_MAX)
}
