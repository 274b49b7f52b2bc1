import type { Hono } from 'hono'
import * as contract from '#shared/contract/limit/concurrency-status.ts'
import type { Deps } from '#shared/deps.ts'
import { listSlotHolders } from '#shared/engine/limit/list-slot-holders.ts'
import { getWorkPoolViews } from '#shared/engine/work-pool/get-work-pool-views.ts'
import { getWorkQueueViews } from '#shared/engine/work-pool/get-work-queue-views.ts'
import { requirePool, requireQueueById } from '#shared/engine/work-pool/require-queue.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { route } from '../route.ts'
import { pageView, queueSlotsView } from '../views/slots.ts'

/** Serves who holds the slots of a pool or queue. */
export function concurrencyStatusRoutes(app: Hono, deps: Deps): void {
  route(app, contract.getWorkPoolSlots, async ({ params, body }) => {
    const { page, limit, flow_run_limit: perQueue } = body
    const pool = await requirePool(deps, params.name)
    const queues = await listQueues(deps.table, pool.id)
    const shown = queues.slice((page - 1) * limit, page * limit)
    const [pools, described, holders] = await Promise.all([
      getWorkPoolViews(deps, [pool]),
      getWorkQueueViews(deps, shown),
      listSlotHolders(
        deps,
        pool.id,
        shown.map((queue) => queue.id),
        { perQueue },
      ),
    ])
    const now = deps.clock.now()
    return {
      active_slots: pools[0]?.limit?.active ?? 0,
      concurrency_limit: pools[0]?.limit?.limit ?? null,
      queues: described.map((each) => queueSlotsView(each, holders.get(each.queue.id) ?? [], now)),
      ...pageView(queues.length, limit, page),
    }
  })

  route(app, contract.getWorkQueueSlots, async ({ params, body }) => {
    const queue = await requireQueueById(deps, params.id)
    const perQueue = Math.min(body.limit, body.flow_run_limit)
    const [[described], holders] = await Promise.all([
      getWorkQueueViews(deps, [queue]),
      listSlotHolders(deps, queue.poolId, [queue.id], { offset: (body.page - 1) * perQueue, perQueue }),
    ])
    const slots = described ?? { queue, limit: undefined, status: 'NOT_READY' as const, polled: false }
    return {
      ...queueSlotsView(slots, holders.get(queue.id) ?? [], deps.clock.now()),
      ...pageView(slots.limit?.active ?? 0, perQueue, body.page),
    }
  })
}
