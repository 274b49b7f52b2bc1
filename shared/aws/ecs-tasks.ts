import {
  ClientException,
  ConflictException,
  DescribeTasksCommand,
  type DesiredStatus,
  type ECSClient,
  InvalidParameterException,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs'
import * as z from 'zod/mini'
import type { EcsEnv } from '#shared/config.ts'
import type { Log, RunTaskOutcome, Tasks } from '#shared/deps.ts'
import type { EcsTask, LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { EcsTaskDetail, ecsTaskOf } from '#shared/ecs-task/ecs-task-event.ts'
import { isDefinitionGone, isTaskUnknown, outcomeOf, outcomeOfError } from './ecs-outcome.ts'
import { type EcsLaunch, ecsLaunchOf } from './run-task-input.ts'
import { type TaskDefinitionRecords, TaskDefinitions } from './task-definitions.ts'

export interface EcsTasksOptions {
  client: ECSClient
  env: EcsEnv
  records: TaskDefinitionRecords
  log: Log
}

/** Tasks in one DescribeTasks, and in one page of ListTasks; ECS limits. */
const DESCRIBE_MAX = 100
/** Characters of a StopTask's reason; an ECS limit. */
const STOP_REASON_MAX = 255

/** The Tasks port over ECS, on the operator's cluster. */
export class EcsTasks implements Tasks {
  readonly #client: ECSClient
  readonly #env: EcsEnv
  readonly #log: Log
  readonly #definitions: TaskDefinitions

  constructor({ client, env, records, log }: EcsTasksOptions) {
    this.#client = client
    this.#env = env
    this.#log = log
    this.#definitions = new TaskDefinitions(client, records)
  }

  async run(request: LaunchRequest): Promise<RunTaskOutcome> {
    try {
      return await this.#launch(ecsLaunchOf(this.#env, request))
    } catch (error) {
      const outcome = outcomeOfError(error)
      if (error instanceof ConflictException) {
        // The pool or the deployment was changed between two tries at one launch; the first try's task is the run's.
        this.#log.warn('adopted the task of an earlier launch', { startedBy: request.startedBy, reason: error.message })
      }
      return outcome
    }
  }

  async #launch({ taskDefinition, input }: EcsLaunch): Promise<RunTaskOutcome> {
    if (typeof taskDefinition === 'string') {
      return outcomeOf(await this.#client.send(new RunTaskCommand({ ...input, taskDefinition })))
    }
    const arn = await this.#definitions.arnOf(taskDefinition)
    try {
      return outcomeOf(await this.#client.send(new RunTaskCommand({ ...input, taskDefinition: arn })))
    } catch (error) {
      if (!isDefinitionGone(error)) throw error
    }
    await this.#definitions.forget(taskDefinition, arn)
    const replacement = await this.#definitions.arnOf(taskDefinition)
    return outcomeOf(await this.#client.send(new RunTaskCommand({ ...input, taskDefinition: replacement })))
  }

  async stop(taskArn: string, reason: string): Promise<void> {
    const input = { cluster: this.#env.CLUSTER_ARN, task: taskArn, reason: reason.slice(0, STOP_REASON_MAX) }
    try {
      await this.#client.send(new StopTaskCommand(input))
    } catch (error) {
      if (!isTaskUnknown(error)) throw error
    }
  }

  async describe(taskArns: readonly string[]): Promise<EcsTask[]> {
    const described: EcsTask[] = []
    for (let at = 0; at < taskArns.length; at += DESCRIBE_MAX) {
      const input = { cluster: this.#env.CLUSTER_ARN, tasks: taskArns.slice(at, at + DESCRIBE_MAX) }
      const { tasks = [], failures = [] } = await this.#client.send(new DescribeTasksCommand(input))
      // A missing task may end its run later, so no other failure may count as missing.
      const other = failures.find(({ reason }) => reason !== 'MISSING')
      if (other) throw new Error(`ECS could not describe ${other.arn}: ${other.reason}`)
      described.push(...tasks.map((task) => ecsTaskOf(z.parse(EcsTaskDetail, task))))
    }
    return described
  }

  async listStartedBy(startedBy: string): Promise<EcsTask[]> {
    // In this order: a task that stops in between is seen twice rather than never.
    const running = await this.#list(startedBy, 'RUNNING')
    const stopped = await this.#listStopped(startedBy)
    return await this.describe([...new Set([...running, ...stopped])])
  }

  /**
   * The reference says that `startedBy` must be the only filter, and is silent on whether the desired status is one. Where
   * ECS takes it for one, stopped tasks can only be found by their ARN.
   */
  async #listStopped(startedBy: string): Promise<string[]> {
    try {
      return await this.#list(startedBy, 'STOPPED')
    } catch (error) {
      if (!(error instanceof InvalidParameterException || error instanceof ClientException)) throw error
      this.#log.warn('ECS cannot list stopped tasks by startedBy', { startedBy, reason: error.message })
      return []
    }
  }

  /** ECS takes no other filter beside `startedBy` than the desired status, of which it assumes RUNNING. */
  async #list(startedBy: string, desiredStatus: DesiredStatus): Promise<string[]> {
    const arns: string[] = []
    let nextToken: string | undefined
    do {
      const input = { cluster: this.#env.CLUSTER_ARN, startedBy, desiredStatus, nextToken }
      const page = await this.#client.send(new ListTasksCommand(input))
      arns.push(...(page.taskArns ?? []))
      nextToken = page.nextToken
    } while (nextToken)
    return arns
  }
}
