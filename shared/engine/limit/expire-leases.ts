import { EVIDENCE_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { eachCaught } from '#shared/engine/dispatch/each-caught.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant, NEVER } from '#shared/instant.ts'
import { type Lease, leaseOfTaskRun } from '#shared/limit/lease.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { listLeases } from '#shared/storage/limit/get-leases.ts'
import { giveSlots, renewLease } from '#shared/storage/limit/move-slots.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { leaseMove } from './release-lease.ts'

/** Leases looked at in one sweep, as many as one answer of the index holds; the next one goes on. */
const EXPIRED_MAX = 5_000
/** They wait for each other at their limits, so more would only be in each other's way. */
const WRITES_AT_ONCE = 5

/**
 * Takes back the slots of expired leases. One that a RUNNING task run holds is inspected: it stays while the task and
 * its flow run continue. Returns how many were taken back.
 */
export async function expireLeases(deps: Deps, deadline: Instant = NEVER): Promise<number> {
  const now = deps.clock.now()
  const leases = await listLeases(deps.table, EXPIRED_MAX, now)
  const options = { act: 'expire lease', atOnce: WRITES_AT_ONCE, deadline }
  const expired = leases.filter((lease) => lease.until <= now)
  return await eachCaught(
    deps,
    expired,
    (lease) => lease.id,
    (lease) => expireLease(deps, lease),
    options,
  )
}

async function expireLease(deps: Deps, lease: Lease): Promise<boolean> {
  if (await goesOn(deps, lease)) {
    await renewLease(deps.table, lease.id, addSeconds(deps.clock.now(), EVIDENCE_SECONDS))
    return false
  }
  // As it was read: its holder may renew it in this very moment. What moved otherwise the next sweep sees.
  return await giveSlots(deps.table, await leaseMove(deps, lease))
}

/** Only the service itself takes a lease of that id, when a client proposes RUNNING; other leases clients renew. */
async function goesOn(deps: Deps, { id, holder }: Lease): Promise<boolean> {
  if (!holder || id !== leaseOfTaskRun(holder.id)) return false
  const task = await getTaskRun(deps.table, holder.id)
  if (!task?.leased || !task.flowRunId) return false
  const run = await getRun(deps.table, task.flowRunId)
  return run !== undefined && run.life === task.flowRunLife && !isTerminal(run.state.type)
}
