import type { RunTaskCommandInput } from '@aws-sdk/client-ecs'
import type { EcsEnv } from '#shared/config.ts'
import type { LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { overridesOf } from '#shared/ecs-task/launch-request.ts'
import { capacityOf } from './capacity.ts'
import { parseLaunchVariables } from './launch-variables.ts'
import { networkOf } from './network.ts'
import { NotAllowed } from './not-allowed.ts'
import { type TaskDefinition, taskDefinitionOf } from './task-definition.ts'
import { tagsOf } from './task-tags.ts'

/** A launch as ECS takes it, but for the task definition: one to register, or the ARN of one that is there. */
export interface EcsLaunch {
  taskDefinition: TaskDefinition | string
  input: Omit<RunTaskCommandInput, 'taskDefinition'>
}

/**
 * Maps a launch request to RunTask's input. Pure, so that a repeated launch sends the same request: ECS refuses a token
 * that comes with other parameters. Raises NotAllowed.
 */
export function ecsLaunchOf(env: EcsEnv, request: LaunchRequest): EcsLaunch {
  const variables = parseLaunchVariables(request.configuration)
  assertOwnCluster(env, variables.cluster)
  const capacity = capacityOf(variables)
  const { kind, ...where } = capacity
  const network = networkOf(env, variables, kind === 'FARGATE')
  const given = variables.task_definition_arn
  const taskDefinition = given ?? taskDefinitionOf(env, request, variables, capacity, network !== undefined)
  return {
    taskDefinition,
    input: {
      ...request.extras.request,
      ...where,
      cluster: env.CLUSTER_ARN,
      count: 1,
      clientToken: request.token,
      startedBy: request.startedBy,
      ...(network ? { networkConfiguration: { awsvpcConfiguration: network } } : {}),
      overrides: { ...overridesOf(request), ...(given ? sizeOf(request) : {}) },
      tags: tagsOf(request, variables),
      propagateTags: 'TASK_DEFINITION',
      enableECSManagedTags: true,
    },
  }
}

/** An external task definition has its own size, which the job's replaces. */
function sizeOf({ cpu, memoryMib }: LaunchRequest) {
  return { ...(cpu === null ? {} : { cpu: String(cpu) }), ...(memoryMib === null ? {} : { memory: String(memoryMib) }) }
}

/** Tasks elsewhere would be lost: events, permissions and the sweep cover only this cluster. */
function assertOwnCluster({ CLUSTER_ARN }: EcsEnv, cluster: string | null | undefined): void {
  if (!cluster || cluster === CLUSTER_ARN || cluster === CLUSTER_ARN.split('/').at(-1)) return
  throw new NotAllowed('AccessDenied', `job variable 'cluster': tasks run on ${CLUSTER_ARN} only`)
}
