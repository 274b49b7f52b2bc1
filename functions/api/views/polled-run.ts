import type { PolledRun } from '#shared/engine/poll/poll-work-pool.ts'
import type { Instant } from '#shared/instant.ts'
import { flowRunView } from './flow-run.ts'

/** A run that a poll found, with the names of the queue that it was found in. */
export function polledRunView({ run, queue }: PolledRun, now: Instant) {
  return flowRunView(run, { now, queues: new Map([[queue.id, queue]]) })
}
