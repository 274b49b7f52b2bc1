import type { Hono } from 'hono'
import * as contract from '#shared/contract/work-pool/work-pool.ts'
import type { Deps } from '#shared/deps.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { getWorkPoolViews } from '#shared/engine/work-pool/get-work-pool-views.ts'
import { requirePool } from '#shared/engine/work-pool/require-queue.ts'
import { updateWorkPool } from '#shared/engine/work-pool/update-work-pool.ts'
import { invalidField } from '#shared/errors.ts'
import { listPools } from '#shared/storage/work-pool/list-pools.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { matchesPool } from '#shared/work-pool/work-pool-filter.ts'
import { route } from '../route.ts'
import { workPoolView } from '../views/work-pool.ts'
import { defaultTemplate } from '../worker-types/default-template.ts'

/** Serves work pools. */
export function workPoolRoutes(app: Hono, deps: Deps): void {
  const views = async (pools: readonly WorkPool[]) => (await getWorkPoolViews(deps, pools)).map(workPoolView)
  const view = async (pool: WorkPool) => (await views([pool]))[0] as Awaited<ReturnType<typeof views>>[number]

  route(app, contract.createWorkPool, async ({ body }) => {
    const pool = await createWorkPool(deps, {
      name: body.name,
      type: body.type,
      description: body.description,
      baseJobTemplate: body.base_job_template ?? defaultTemplate(body.type),
      storageConfiguration: body.storage_configuration,
      paused: body.is_paused,
      concurrencyLimit: body.concurrency_limit,
      silentWorkerMinutes: body.silent_worker_minutes,
    })
    return await view(pool)
  })

  route(app, contract.getWorkPool, async ({ params }) => await view(await requirePool(deps, params.name)))

  route(app, contract.updateWorkPool, async ({ params, body }) => {
    await assertUnchanged(deps, params.name, body)
    await updateWorkPool(
      deps,
      params.name,
      {
        description: body.description,
        baseJobTemplate: body.base_job_template,
        storageConfiguration: body.storage_configuration,
        silentWorkerMinutes: body.silent_worker_minutes,
      },
      { limit: body.concurrency_limit, paused: body.is_paused },
    )
  })

  route(app, contract.listWorkPools, async ({ body }) => {
    const { work_pools: filter, limit, offset } = body
    const pools = (await listPools(deps.table)).filter((pool) => matchesPool(pool, filter))
    return await views(pools.slice(offset, offset + limit))
  })

  route(app, contract.countWorkPools, async ({ body }) => {
    const pools = await listPools(deps.table)
    return pools.filter((pool) => matchesPool(pool, body.work_pools)).length
  })
}

/**
 * Clients send name and type back as they read them. Ids derive from names, and runs, deployments and limits hold the
 * ids: another name would be another pool. Raises not_found and invalid.
 */
async function assertUnchanged(
  deps: Deps,
  poolName: string,
  { name, type }: { name?: string | undefined; type?: string | undefined },
): Promise<void> {
  if (name === undefined && type === undefined) return
  const pool = await requirePool(deps, poolName)
  if (name !== undefined && name !== pool.name)
    throw invalidField(['body', 'name'], "can't be changed; create a pool with the new name and delete this one")
  if (type !== undefined && type !== pool.type)
    throw invalidField(['body', 'type'], "can't be changed; runs waiting in the pool were created for its type")
}
