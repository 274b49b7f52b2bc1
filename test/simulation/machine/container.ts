import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { Hono } from 'hono'
import { QueuedStops } from '#shared/aws/queued-stops.ts'
import { SqsWakeUps } from '#shared/aws/sqs-wake-ups.ts'
import type { Deps, Ids, Tasks } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import type { SweepCounts } from '#shared/engine/sweep/sweep-counts.ts'
import { timeOrderedId } from '#shared/ids.ts'
import { createApi } from '../../../functions/api/app.ts'
import { createDispatcher } from '../../../functions/dispatcher/handler.ts'
import { createSweeper } from '../../../functions/sweeper/handler.ts'
import { createTaskEvents } from '../../../functions/task-events/handler.ts'
import type { WorldTable } from '../table/world-table.ts'
import type { Chance } from './chance.ts'
import { heldQueue, type Send } from './held-queue.ts'
import { currentProcess } from './process.ts'
import type { Scheduler } from './scheduler.ts'
import type { WorldClock } from './world-clock.ts'

// What the functions import on first use: loading it takes turns of the event loop, and that in the first world alone.
await Promise.all([
  import('../../../functions/api/documents/openapi.ts').then(({ readDocument }) => readDocument()),
  import('../../../functions/api/other-routes.ts'),
  import('#shared/engine/deployment/count-holders.ts'),
  import('#shared/json-schema/conform.ts'),
  import('#shared/work-pool/job-variables.ts'),
])

/** What stands around the containers of a world. */
export interface Surroundings {
  table: WorldTable
  clock: WorldClock
  /** For ids made outside of all processes. */
  chance: Chance
  tasks: Tasks
  scheduler: Pick<Scheduler, 'hold'>
  send: Send
  /** Whether the service's own address answers. */
  answers: () => boolean
  noted: (level: 'warn' | 'error', message: string, fields: Record<string, unknown> | undefined) => void
}

/** The four functions as one container of each runs them, call after call, with what it remembers in between. */
export interface Container {
  /** The api's. */
  deps: Deps
  /** Answers a request to the API. */
  api(request: Request): Promise<Response>
  dispatcher(event: SQSEvent | ScheduledEvent): Promise<SQSBatchResponse>
  sweeper(event: ScheduledEvent): Promise<SweepCounts>
  taskEvents(event: SQSEvent): Promise<SQSBatchResponse>
}

/** Starts the functions, with a clock that is ahead by some seconds. */
export function openContainer(around: Surroundings, skewSeconds: number): Container {
  // Each function is a process of its own, and remembers for itself.
  const own = () => depsOf(around, skewSeconds)
  const deps = withoutEcs(around, own())
  // Its routes take longer to put together than most of what a fork is made for.
  let api: Hono | undefined
  return {
    deps,
    api: async (request) => {
      api ??= createApi(deps)
      return await api.fetch(request)
    },
    dispatcher: createDispatcher(own()),
    sweeper: createSweeper(own()),
    taskEvents: createTaskEvents(withoutEcs(around, own())),
  }
}

/** What the functions have that may not call ECS. */
function withoutEcs({ scheduler, send }: Surroundings, deps: Deps): Deps {
  return { ...deps, tasks: new QueuedStops(heldQueue(scheduler, send)) }
}

function depsOf(around: Surroundings, skewSeconds: number): Deps {
  const { table, clock, tasks, scheduler, send, noted } = around
  return {
    table: { name: table.name, client: heldClient(table, scheduler) },
    clock: clock.skewed(skewSeconds),
    ids: idsOf(around),
    wakeUps: new SqsWakeUps(heldQueue(scheduler, send)),
    tasks: {
      run: (request) => scheduler.hold({ name: 'tasks run', input: request }, () => tasks.run(request)),
      stop: (arn, reason) => scheduler.hold({ name: 'tasks stop', input: arn }, () => tasks.stop(arn, reason)),
      describe: (arns) => scheduler.hold({ name: 'tasks describe', input: arns }, () => tasks.describe(arns)),
      listStartedBy: (by) => scheduler.hold({ name: 'tasks list', input: by }, () => tasks.listStartedBy(by)),
    },
    log: {
      info: () => undefined,
      warn: (message, fields) => noted('warn', message, fields),
      error: (message, fields) => noted('error', message, fields),
    },
    metrics: { count: () => undefined, seconds: () => undefined },
    answers: () => scheduler.hold({ name: 'answers', input: undefined }, () => Promise.resolve(around.answers())),
    settings: { apiUrl: 'http://127.0.0.1:4200/api', requireKeys: false },
    launchBucket: new LaunchBucket(20, 50),
  }
}

/** A client of the table whose calls are held until they arrive. It skips the SDK, which would take longer than the table. */
function heldClient(table: WorldTable, scheduler: Pick<Scheduler, 'hold'>): DynamoDBClient {
  const send = (command: { constructor: { name: string }; input: object }) => {
    const { name } = command.constructor
    const call = { name: name.replace(/Command$/, ''), input: command.input }
    // Within a promise, as what the table refuses is thrown.
    return scheduler.hold(call, async () => await table.answer(name, command.input))
  }
  return { send } as unknown as DynamoDBClient
}

/** Ids of the process that asks, so that one which is left out changes no other's. */
function idsOf({ clock, chance }: Surroundings): Ids {
  const own = () => currentProcess()?.chance ?? chance
  return {
    random: () => own().next(),
    uuid: () => timeOrderedId(Math.floor(clock.now() / 1_000), own().bytes(10)),
    life: () => Buffer.from(own().bytes(8)).toString('hex'),
    token: () => Buffer.from(own().bytes(12)).toString('base64url'),
  }
}
