import type { Hono } from 'hono'
import * as contract from '#shared/contract/poll/poll.ts'
import type { Deps } from '#shared/deps.ts'
import { pollWorkPool, pollWorkQueue } from '#shared/engine/poll/poll-work-pool.ts'
import { requireQueueById } from '#shared/engine/work-pool/require-queue.ts'
import { route } from '../route.ts'
import { polledRunView } from '../views/polled-run.ts'

/** Serves the polls of workers and agents. */
export function pollRoutes(app: Hono, deps: Deps): void {
  route(app, contract.pollWorkPool, async ({ params, body }) => {
    const polled = await pollWorkPool(deps, params.name, {
      queueNames: body.work_queue_names,
      scheduledBefore: body.scheduled_before,
      scheduledAfter: body.scheduled_after,
      limit: body.limit,
    })
    const now = deps.clock.now()
    return polled.map((each) => ({
      work_pool_id: each.queue.poolId,
      work_queue_id: each.queue.id,
      flow_run: polledRunView(each, now),
    }))
  })

  route(app, contract.pollWorkQueue, async ({ params, body, header }) => {
    const polled = await pollWorkQueue(deps, await requireQueueById(deps, params.id), {
      scheduledBefore: body.scheduled_before,
      limit: body.limit,
      unseen: /^(?:true|1)$/i.test(header('x-prefect-ui') ?? ''),
    })
    const now = deps.clock.now()
    return polled.map((each) => polledRunView(each, now))
  })
}
