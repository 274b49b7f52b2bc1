import type { RunTaskOutcome, Tasks } from '#shared/deps.ts'
import type { EcsTask } from '#shared/ecs-task/ecs-task.ts'
import type { StopOrder } from '#shared/ecs-task/stop-order.ts'
import { type Queue, sendMessages } from './send-messages.ts'

/**
 * The Tasks port of functions without ECS permissions: a stop is left to the dispatcher, which gets it through the
 * wake-up queue, at least once. Such functions must do nothing else with tasks; other calls throw.
 */
export class QueuedStops implements Tasks {
  readonly #queue: Queue

  constructor(queue: Queue) {
    this.#queue = queue
  }

  async stop(taskArn: string, reason: string): Promise<void> {
    const order: StopOrder = { stop: { taskArn, reason } }
    await sendMessages(this.#queue, [{ body: JSON.stringify(order), delaySeconds: 0 }])
  }

  run(): Promise<RunTaskOutcome> {
    return Promise.reject(noRight('start'))
  }
  describe(): Promise<EcsTask[]> {
    return Promise.reject(noRight('describe'))
  }
  listStartedBy(): Promise<EcsTask[]> {
    return Promise.reject(noRight('list'))
  }
}

function noRight(verb: string): Error {
  return new Error(`This function can't ${verb} tasks: it has no cluster configured and no ECS permissions.`)
}
