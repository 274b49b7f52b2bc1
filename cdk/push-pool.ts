import { join } from 'node:path'
import { Names } from 'aws-cdk-lib'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { Alarms } from './alarms.ts'
import { Api, type ApiDomain } from './api.ts'
import { Compute, type ComputeProps } from './compute.ts'
import { PoolDashboard } from './dashboard.ts'
import { DISPATCHERS_AT_ONCE, SHAPES, TASK_EVENTS_AT_ONCE } from './function-shapes.ts'
import { Functions } from './functions.ts'
import type { LaunchProps } from './launch-environment.ts'
import type { PoolParts } from './pool-parts.ts'
import { deadLetterQueue, WorkQueue } from './queue.ts'
import { PoolTable } from './table.ts'
import { TaskEvents } from './task-events.ts'
import { Ticks } from './ticks.ts'

type Optional<Props> = { [Name in keyof Props]?: Props[Name] | undefined }
type TaskProps = Optional<Omit<ComputeProps, 'keep' | 'secretArns'>> & Optional<Omit<LaunchProps, 'familyPrefix'>>

/** All of it may be left out. */
export interface PushPoolProps extends TaskProps {
  /** For disposable stacks: whatever holds data is deleted with the stack. */
  throwaway?: boolean | undefined
  /** An existing table, such as one restored from a backup; none is created then. */
  tableName?: string | undefined
  /** A name of your own for the API, whose own address is closed then. */
  domain?: ApiDomain | undefined
  /** Requests that the API lets through, of all callers together; 500 by default. */
  requestsPerSecond?: number | undefined
  /** How many of them may come at once; 1000 by default. */
  requestBurst?: number | undefined
  /** Sets invocations aside for all functions but those that answer requests. New accounts have too few for that. */
  reserveConcurrency?: boolean | undefined
  /** Notified when an alarm goes off and when it is over. */
  alarmTopic?: ITopic | undefined
  /**
   * Distinguishes its metrics from those of others and begins the families of task definitions; generated unless given.
   */
  name?: string | undefined
  /** The folder with a bundle per function; `npm run bundle` fills the default. */
  bundles?: string | undefined
}

const BUNDLES = join(import.meta.dirname, '..', 'dist', 'functions')
const NAME_CHARS_MAX = 40

/** A whole pushpool: API, functions, table, queues, ticks, and what tasks run on. */
export class PushPool extends Construct implements PoolParts {
  readonly name: string
  readonly table: PoolTable
  readonly api: Api
  readonly compute: Compute
  readonly functions: Functions
  readonly wakeUps: WorkQueue
  readonly taskEvents: WorkQueue
  /** Ticks that failed. */
  readonly deadTicks: Queue

  constructor(scope: Construct, id: string, props: PushPoolProps = {}) {
    super(scope, id)
    this.name = props.name ?? Names.uniqueResourceName(this, { maxLength: NAME_CHARS_MAX })
    const keep = !props.throwaway
    this.table = new PoolTable(this, 'Table', { keep, tableName: props.tableName })
    this.api = new Api(this, 'Api', {
      keep,
      domain: props.domain,
      requestsPerSecond: props.requestsPerSecond ?? 500,
      requestBurst: props.requestBurst ?? 1_000,
    })
    this.wakeUps = new WorkQueue(this, 'WakeUps', SHAPES.dispatcher.timeout)
    this.taskEvents = new WorkQueue(this, 'TaskEvents', SHAPES['task-events'].timeout)
    this.deadTicks = deadLetterQueue(this, 'DeadTicks')
    const allowedSecretArns = props.allowedSecretArns ?? []
    const secretArns = [...(props.apiKeySecretArn ? [props.apiKeySecretArn] : []), ...allowedSecretArns]
    this.compute = new Compute(this, 'Compute', {
      ...props,
      keep,
      secretArns,
      containerInsights: props.containerInsights ?? false,
    })
    this.compute.settleAfter(this.table)
    this.functions = new Functions(this, 'Functions', {
      keep,
      stackName: this.name,
      bundles: props.bundles ?? BUNDLES,
      table: this.table,
      apiUrl: this.api.url,
      wakeUps: this.wakeUps.queue,
      deadLetters: this.deadTicks,
      compute: this.compute,
      launches: this.#launches(props),
      reserveConcurrency: props.reserveConcurrency ?? false,
    })
    this.#connect()
    new Alarms(this, 'Alarms', { pool: this, topic: props.alarmTopic })
    new PoolDashboard(this, 'Dashboard', this)
  }

  #launches(props: PushPoolProps): LaunchProps {
    return {
      ...props,
      allowedSubnetIds: props.allowedSubnetIds ?? [],
      allowedSecurityGroupIds: props.allowedSecurityGroupIds ?? [],
      allowedSecretArns: props.allowedSecretArns ?? [],
      launchesPerSecond: props.launchesPerSecond ?? 20,
      launchBurst: props.launchBurst ?? 100,
      familyPrefix: this.name,
    }
  }

  #connect(): void {
    const { api, authorizer, dispatcher, sweeper, taskEvents } = this.functions
    this.api.serve(api.lambda, authorizer.lambda)
    this.wakeUps.feed(dispatcher.lambda, DISPATCHERS_AT_ONCE)
    this.taskEvents.feed(taskEvents.lambda, TASK_EVENTS_AT_ONCE)
    new TaskEvents(this, 'TaskEventRule', { clusterArn: this.compute.clusterArn, into: this.taskEvents })
    new Ticks(this, 'Ticks', { to: [dispatcher.lambda, sweeper.lambda], deadLetters: this.deadTicks })
  }
}
