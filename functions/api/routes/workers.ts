import type { Hono } from 'hono'
import * as contract from '#shared/contract/work-pool/worker.ts'
import type { Deps } from '#shared/deps.ts'
import { listPoolWorkers } from '#shared/engine/work-pool/list-pool-workers.ts'
import { recordWorkerHeartbeat } from '#shared/engine/work-pool/record-worker-heartbeat.ts'
import { requirePool } from '#shared/engine/work-pool/require-queue.ts'
import { notFound } from '#shared/errors.ts'
import { deleteWorker } from '#shared/storage/work-pool/delete-worker.ts'
import { matchesWorker } from '#shared/worker/worker-filter.ts'
import { route } from '../route.ts'
import { workerView } from '../views/worker.ts'

/** Serves the workers of a pool. */
export function workerRoutes(app: Hono, deps: Deps): void {
  route(app, contract.recordWorkerHeartbeat, async ({ params, body }) => {
    const { name, heartbeat_interval_seconds: intervalSeconds = null } = body
    await recordWorkerHeartbeat(deps, params.pool, { name, intervalSeconds })
  })

  route(app, contract.listWorkers, async ({ params, body }) => {
    const { workers: filter, limit, offset } = body
    const pool = await requirePool(deps, params.pool)
    const now = deps.clock.now()
    const workers = (await listPoolWorkers(deps, [pool.id])).filter((worker) => matchesWorker(worker, filter, now))
    return workers.slice(offset, offset + limit).map((worker) => workerView(worker, now))
  })

  route(app, contract.deleteWorker, async ({ params }) => {
    const pool = await requirePool(deps, params.pool)
    if (!(await deleteWorker(deps.table, pool, params.worker))) throw notFound('Worker', params.worker)
  })
}
