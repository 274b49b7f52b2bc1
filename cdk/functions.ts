import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type * as z from 'zod/mini'
import {
  ApiEnv,
  AuthorizerEnv,
  DispatcherEnv,
  type EnvOf,
  type FunctionName,
  SweeperEnv,
  TaskEventsEnv,
} from '#shared/config.ts'
import type { Compute } from './compute.ts'
import { allowTasks } from './ecs-rights.ts'
import { type FunctionShape, SHAPES } from './function-shapes.ts'
import { type LaunchProps, launchEnvironment } from './launch-environment.ts'
import { type FunctionSettings, ServiceFunction } from './service-function.ts'
import type { PoolTable } from './table.ts'
import { allowTable } from './table-rights.ts'

export interface FunctionsProps extends FunctionSettings {
  /** What metrics tell this pool from others by. */
  stackName: string
  table: PoolTable
  apiUrl: string
  wakeUps: Queue
  compute: Compute
  launches: LaunchProps
  /** For ticks that failed. */
  deadLetters: Queue
  /** Sets invocations aside for what must go on when the API is flooded. */
  reserveConcurrency: boolean
}

/** The functions, each with its environment and its rights. */
export class Functions extends Construct {
  readonly authorizer: ServiceFunction
  readonly api: ServiceFunction
  readonly taskEvents: ServiceFunction
  readonly dispatcher: ServiceFunction
  readonly sweeper: ServiceFunction
  readonly #props: FunctionsProps

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id)
    this.#props = props
    const { table, apiUrl, wakeUps, compute, launches } = props
    const base = { STACK_NAME: props.stackName, TABLE_NAME: table.table.tableName }
    const engine = { ...base, WAKE_UP_QUEUE_URL: wakeUps.queueUrl, API_URL: apiUrl }
    const launching = { ...engine, ...launchEnvironment(compute, launches) }
    this.authorizer = this.#add('authorizer', AuthorizerEnv, { ...base, REQUIRE_KEYS: 'true' })
    this.api = this.#add('api', ApiEnv, { ...engine, REQUIRE_KEYS: 'true' })
    this.taskEvents = this.#add('task-events', TaskEventsEnv, engine)
    this.dispatcher = this.#add('dispatcher', DispatcherEnv, launching)
    this.sweeper = this.#add('sweeper', SweeperEnv, launching)
    for (const each of [this.api, this.taskEvents, this.dispatcher, this.sweeper]) {
      each.allow({ sid: 'WakeUps', actions: ['sqs:SendMessage'], resources: [wakeUps.queueArn] })
    }
    for (const each of [this.dispatcher, this.sweeper]) {
      allowTasks(each, compute, launches.familyPrefix)
    }
  }

  get all(): ServiceFunction[] {
    return [this.authorizer, this.api, this.taskEvents, this.dispatcher, this.sweeper]
  }

  #add<E extends z.ZodMiniType>(name: FunctionName, env: E, environment: EnvOf<E>): ServiceFunction {
    const { table, bundles, keep, reserveConcurrency, deadLetters } = this.#props
    const { reservedConcurrency, ticks, ...shape }: FunctionShape = SHAPES[name]
    const made = new ServiceFunction(this, idOf(name), {
      name,
      bundles,
      keep,
      env,
      environment,
      ...shape,
      ...(reserveConcurrency ? { reservedConcurrency } : {}),
      ...(ticks ? { onFailure: new SqsDestination(deadLetters) } : {}),
    })
    allowTable(name, table, made)
    return made
  }
}

/** Constructs are named in PascalCase, and with their names goes what AWS calls the functions. */
function idOf(name: string): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return words.join('')
}
