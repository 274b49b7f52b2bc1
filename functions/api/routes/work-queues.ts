import type { Hono } from 'hono'
import type { OutputOf } from '#shared/contract/endpoint.ts'
import * as contract from '#shared/contract/work-pool/work-queue.ts'
import type { Deps } from '#shared/deps.ts'
import { createWorkQueue, type NewWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { getWorkQueueViews } from '#shared/engine/work-pool/get-work-queue-views.ts'
import { requirePool, requireQueue } from '#shared/engine/work-pool/require-queue.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { matchesQueue } from '#shared/work-queue/work-queue-filter.ts'
import { route } from '../route.ts'
import { workQueueView } from '../views/work-queue.ts'

/** Serves the work queues of a pool. */
export function workQueueRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createWorkQueue, async ({ params, body }) => {
    return await workQueueViewWithContext(deps, await createWorkQueue(deps, params.pool, newQueue(body)))
  })

  route(app, contract.listWorkQueues, async ({ params, body }) => {
    const pool = await requirePool(deps, params.pool)
    return await workQueueViews(deps, await listQueues(deps.table, pool.id), body)
  })

  route(app, contract.getWorkQueue, async ({ params }) => {
    return await workQueueViewWithContext(deps, await requireQueue(deps, params.pool, params.queue))
  })

  route(app, contract.updateWorkQueue, async ({ params, body }) => {
    await changeQueue(deps, await requireQueue(deps, params.pool, params.queue), body)
  })
}

/** The requested queue. */
export function newQueue(body: OutputOf<typeof contract.WorkQueueCreateIn>): NewWorkQueue {
  const { name, description, priority, filter, is_paused: paused, concurrency_limit: concurrencyLimit } = body
  return { name, description, priority, filter, paused, concurrencyLimit }
}

/** Applies the requested change. Raises what updateWorkQueue raises. */
export async function changeQueue(
  deps: Deps,
  queue: WorkQueue,
  body: OutputOf<typeof contract.WorkQueueUpdateIn>,
): Promise<void> {
  const { name, description, filter, priority } = body
  await updateWorkQueue(
    deps,
    queue,
    { name, description, filter, priority },
    { limit: body.concurrency_limit, paused: body.is_paused },
  )
}

/** A queue as responses have it. */
export async function workQueueViewWithContext(deps: Deps, queue: WorkQueue) {
  const [described] = await getWorkQueueViews(deps, [queue])
  return workQueueView(described ?? { queue, limit: undefined, status: 'NOT_READY', polled: false })
}

/** The requested page of queues. */
export async function workQueueViews(
  deps: Deps,
  queues: readonly WorkQueue[],
  { work_queues: filter, limit, offset }: OutputOf<typeof contract.WorkQueueListIn>,
) {
  const page = queues.filter((queue) => matchesQueue(queue, filter)).slice(offset, offset + limit)
  return (await getWorkQueueViews(deps, page)).map(workQueueView)
}
