import type { Hono } from 'hono'
import * as contract from '#shared/contract/limit/global-limit.ts'
import type { Deps } from '#shared/deps.ts'
import { requireSlots } from '#shared/engine/limit/acquire-slots.ts'
import { createGlobalLimit } from '#shared/engine/limit/create-global-limit.ts'
import { releaseLease, releaseLooseSlots } from '#shared/engine/limit/release-lease.ts'
import { requireGlobalLimit } from '#shared/engine/limit/require-global-limit.ts'
import { resetHolders } from '#shared/engine/limit/reset-holders.ts'
import { updateGlobalLimit } from '#shared/engine/limit/update-global-limit.ts'
import { alreadyExists, DomainError } from '#shared/errors.ts'
import { addSeconds } from '#shared/instant.ts'
import { deleteGlobalLimit } from '#shared/storage/limit/delete-global-limit.ts'
import { listGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'
import { renewLease } from '#shared/storage/limit/move-slots.ts'
import { route } from '../route.ts'
import { globalLimitView, slotLimitView } from '../views/global-limit.ts'

/** Serves limits that code acquires by name, and their slots. */
export function globalLimitRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createGlobalLimit, async ({ body }) => {
    const { name, limit, active: inForce, slot_decay_per_second: decayPerSecond } = body
    const created = await createGlobalLimit(deps, name, { limit, inForce, decayPerSecond })
    if (!created) throw alreadyExists('Concurrency limit', name)
    return { ...globalLimitView(created, deps.clock.now()), denied_slots: 0, avg_slot_occupancy_seconds: 0 }
  })

  route(app, contract.getGlobalLimit, async ({ params }) => {
    return globalLimitView(await requireGlobalLimit(deps, params.id_or_name), deps.clock.now())
  })

  route(app, contract.updateGlobalLimit, async ({ params, body }) => {
    const { name, limit, active: inForce, slot_decay_per_second: decayPerSecond } = body
    const changed = await updateGlobalLimit(deps, params.id_or_name, { name, limit, inForce, decayPerSecond })
    if (body.active_slots === 0) await resetHolders(deps, changed)
  })

  route(app, contract.deleteGlobalLimit, async ({ params }) => {
    await deleteGlobalLimit(deps.table, await requireGlobalLimit(deps, params.id_or_name))
  })

  route(app, contract.listGlobalLimits, async ({ body: { offset, limit } }) => {
    const shown = (await listGlobalLimits(deps.table)).slice(offset, offset + limit)
    return shown.map((each) => globalLimitView(each, deps.clock.now()))
  })

  route(app, contract.acquireSlots, async ({ body: { names, slots, mode } }) => {
    const { limits } = await requireSlots(deps, { names, slots, rateLimit: mode === 'rate_limit' })
    return limits.map(slotLimitView)
  })

  route(app, contract.acquireSlotsWithLease, async ({ body }) => {
    const { names, slots, mode, lease_duration: seconds, holder = null } = body
    const input = { names, slots, rateLimit: mode === 'rate_limit', lease: { seconds, holder } }
    const { leaseId, limits } = await requireSlots(deps, input)
    return { lease_id: leaseId, limits: limits.map(slotLimitView) }
  })

  route(app, contract.renewLease, async ({ params, body }) => {
    const until = addSeconds(deps.clock.now(), body.lease_duration)
    if (await renewLease(deps.table, params.id, until)) return
    throw new DomainError('gone', 'Lease not found - it may have expired or been revoked')
  })

  route(app, contract.releaseSlots, async ({ body: { names, slots } }) => {
    return (await releaseLooseSlots(deps, names, slots)).map(slotLimitView)
  })

  route(app, contract.releaseSlotsWithLease, async ({ body }) => {
    await releaseLease(deps, body.lease_id)
  })
}
