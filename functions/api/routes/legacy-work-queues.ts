import type { Hono } from 'hono'
import { POLLED_RECENTLY_SECONDS } from '#shared/bounds.ts'
import * as contract from '#shared/contract/work-pool/legacy-work-queue.ts'
import type { Deps } from '#shared/deps.ts'
import { countLateRuns } from '#shared/engine/sweep/count-late-runs.ts'
import { ensureAgentPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { getWorkQueueViews } from '#shared/engine/work-pool/get-work-queue-views.ts'
import { requireQueue, requireQueueById } from '#shared/engine/work-pool/require-queue.ts'
import { listPools } from '#shared/storage/work-pool/list-pools.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { AGENT_POOL_NAME } from '#shared/work-pool/work-pool.ts'
import { route } from '../route.ts'
import { orNull } from '../views/flow-run-state.ts'
import { changeQueue, newQueue, workQueueViews, workQueueViewWithContext } from './work-queues.ts'

const LATE_RUNS_MAX = 0

/** Serves work queues by id alone, and those of the default agent pool by name. */
export function legacyWorkQueueRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createLegacyWorkQueue, async ({ body }) => {
    await ensureAgentPool(deps)
    return await workQueueViewWithContext(deps, await createWorkQueue(deps, AGENT_POOL_NAME, newQueue(body)))
  })

  route(app, contract.listAllWorkQueues, async ({ body }) => {
    const pools = await listPools(deps.table)
    const queues = await Promise.all(pools.map((pool) => listQueues(deps.table, pool.id)))
    const byName = queues.flat().toSorted((a, b) => (a.name < b.name ? -1 : 1))
    return await workQueueViews(deps, byName, body)
  })

  route(app, contract.getLegacyWorkQueueByName, async ({ params }) => {
    return await workQueueViewWithContext(deps, await requireQueue(deps, AGENT_POOL_NAME, params.name))
  })

  route(app, contract.getWorkQueueById, async ({ params }) => {
    return await workQueueViewWithContext(deps, await requireQueueById(deps, params.id))
  })

  route(app, contract.updateWorkQueueById, async ({ params, body }) => {
    await changeQueue(deps, await requireQueueById(deps, params.id), body)
  })

  route(app, contract.deleteWorkQueueById, async ({ params }) => {
    await deleteWorkQueue(deps, await requireQueueById(deps, params.id))
  })

  route(app, contract.getWorkQueueStatus, async ({ params }) => {
    const queue = await requireQueueById(deps, params.id)
    const late = await countLateRuns(deps, queue)
    const [described] = await getWorkQueueViews(deps, [queue])
    return {
      healthy: late <= LATE_RUNS_MAX && described?.polled === true,
      late_runs_count: late,
      last_polled: orNull(described?.queue.lastPolled),
      health_check_policy: {
        maximum_late_runs: LATE_RUNS_MAX,
        maximum_seconds_since_last_polled: POLLED_RECENTLY_SECONDS,
      },
    }
  })
}
