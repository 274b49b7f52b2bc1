import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { FlowRunOut } from '#shared/contract/flow-run/flow-run.ts'
import { InstantIn, maybe, named, PageIn, UuidIn, UuidOut } from '#shared/contract/wire.ts'

/** How workers and agents ask for work. They get candidates; the claim hands runs out. */
const tag = 'Polls'
const NAMES_MAX = 1_000

export const pollWorkPool = endpoint({
  method: 'POST',
  path: '/work_pools/:name/get_scheduled_flow_runs',
  scope: 'work',
  tag,
  summary: 'Poll a work pool for runs to start, highest queue priority first.',
  params: () => z.object({ name: z.string() }),
  body: () =>
    named('WorkPoolPollRequest', () =>
      z.object({
        work_queue_names: maybe(z.array(z.string()).check(z.maxLength(NAMES_MAX))),
        scheduled_before: maybe(InstantIn),
        scheduled_after: maybe(InstantIn),
        limit: PageIn.limit,
      }),
    ),
  reply: () =>
    z.array(
      named('WorkerFlowRun', () => z.object({ work_pool_id: UuidOut, work_queue_id: UuidOut, flow_run: FlowRunOut })),
    ),
  status: 200,
})

export const pollWorkQueue = endpoint({
  method: 'POST',
  path: '/work_queues/:id/get_runs',
  scope: 'work',
  tag,
  summary: 'Poll a work queue for runs to start.',
  params: () => z.object({ id: UuidIn }),
  body: () =>
    named('WorkQueuePollRequest', () =>
      z.object({ limit: PageIn.limit, scheduled_before: maybe(InstantIn), agent_id: maybe(UuidIn) }),
    ),
  reply: () => z.array(FlowRunOut),
  status: 200,
})
