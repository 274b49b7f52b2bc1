import type { Hono } from 'hono'
import * as contract from '#shared/contract/limit/tag-limit.ts'
import type { Deps } from '#shared/deps.ts'
import { acquireTags } from '#shared/engine/limit/acquire-slots.ts'
import { createGlobalLimit } from '#shared/engine/limit/create-global-limit.ts'
import { releaseLease } from '#shared/engine/limit/release-lease.ts'
import { requireGlobalLimit } from '#shared/engine/limit/require-global-limit.ts'
import { holdersOf, resetHolders } from '#shared/engine/limit/reset-holders.ts'
import { updateGlobalLimit } from '#shared/engine/limit/update-global-limit.ts'
import { notFound } from '#shared/errors.ts'
import { type GlobalLimit, globalLimitId, tagLimitName, tagOf } from '#shared/limit/global-limit.ts'
import { leaseOfTaskRun } from '#shared/limit/lease.ts'
import { deleteGlobalLimit } from '#shared/storage/limit/delete-global-limit.ts'
import { getGlobalLimits, listGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'
import { route, withStatus } from '../route.ts'
import { slotLimitView, tagLimitView } from '../views/global-limit.ts'

/** Serves limits on tasks with a tag, in the form that Prefect had for them before its global limits. */
export function tagLimitRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createTagLimit, async ({ body }) => {
    const [name, change] = [tagLimitName(body.tag), { limit: body.concurrency_limit }]
    const created = await createGlobalLimit(deps, name, change)
    const limit = created ?? (await updateGlobalLimit(deps, name, change))
    return withStatus(created ? 201 : 200, await show(deps, limit))
  })

  route(app, contract.getTagLimit, async ({ params }) => await show(deps, await requireById(deps, params.id)))
  route(app, contract.getTagLimitByTag, async ({ params }) => await show(deps, await requireOfTag(deps, params.tag)))

  route(app, contract.listTagLimits, async ({ body: { offset, limit } }) => {
    const limits = (await listGlobalLimits(deps.table)).filter((each) => tagOf(each) !== undefined)
    const leases = await holdersOf(deps)
    return limits.slice(offset, offset + limit).map((each) => tagLimitView(each, leases))
  })

  route(app, contract.resetTagLimitByTag, async ({ params, body }) => {
    await resetHolders(deps, await requireOfTag(deps, params.tag), body.slot_override)
    return null
  })

  route(app, contract.deleteTagLimit, async ({ params }) => {
    await deleteGlobalLimit(deps.table, await requireById(deps, params.id))
    return null
  })

  route(app, contract.deleteTagLimitByTag, async ({ params }) => {
    await deleteGlobalLimit(deps.table, await requireOfTag(deps, params.tag))
    return null
  })

  route(app, contract.acquireTagSlots, async ({ body }) => {
    const limits = await acquireTags(deps, body.names, body.task_run_id)
    return limits.map((limit) => ({ ...slotLimitView(limit), name: tagOf(limit) ?? limit.name }))
  })

  route(app, contract.releaseTagSlots, async ({ body }) => {
    await releaseLease(deps, leaseOfTaskRun(body.task_run_id))
    const limits = await getGlobalLimits(
      deps.table,
      body.names.map((name) => globalLimitId(tagLimitName(name))),
    )
    return limits.map(slotLimitView)
  })
}

async function requireById(deps: Deps, limitId: string): Promise<GlobalLimit> {
  const limit = await requireGlobalLimit(deps, limitId)
  if (tagOf(limit) === undefined) throw notFound('Concurrency limit', limitId)
  return limit
}

async function requireOfTag(deps: Deps, tag: string): Promise<GlobalLimit> {
  return await requireGlobalLimit(deps, tagLimitName(tag))
}

async function show(deps: Deps, limit: GlobalLimit) {
  return tagLimitView(limit, await holdersOf(deps, [limit.id]))
}
