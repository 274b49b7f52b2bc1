import type { Deps } from '#shared/deps.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds } from '#shared/instant.ts'
import type { GlobalLimit } from '#shared/limit/global-limit.ts'
import { type Lease, leaseOfTask } from '#shared/limit/lease.ts'
import { EVIDENCE_SECONDS } from '#shared/limits.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { listLeases } from '#shared/storage/limit/get-leases.ts'
import { giveSlots, renewLease } from '#shared/storage/limit/move-slots.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { leaseMove, releaseLease } from './release-slots.ts'
import { changeGlobalLimit } from './save-global-limit.ts'

/** Leases that one look for holders reads. */
const HOLDERS_MAX = 5_000
/** Leases looked at in one sweep; the next one goes on. */
const EXPIRED_MAX = 200

/** The leases that hold slots of a limit, as fresh as the index; without it, all leases. */
export async function holdersOf(deps: Deps, limitIds?: readonly string[]): Promise<Lease[]> {
  const leases = await listLeases(deps.table, HOLDERS_MAX)
  return limitIds ? leases.filter(({ limits }) => limits.some(({ id }) => limitIds.includes(id))) : leases
}

/** Takes a limit's slots back, also from who holds a lease, but for these task runs: an operator's last resort. */
export async function resetHolders(deps: Deps, limit: GlobalLimit, keptTaskIds: readonly string[] = []): Promise<void> {
  await changeGlobalLimit(deps, limit.id, { forgetLoose: true })
  for (const lease of await holdersOf(deps, [limit.id])) {
    if (!keptTaskIds.includes(lease.holder?.id ?? '')) await releaseLease(deps, lease.id)
  }
}

/**
 * Takes slots back whose lease has run out. One that a task run holds by being RUNNING is looked into: it counts on while
 * the task and its flow run go on. Answers how many were taken back.
 */
export async function expireLeases(deps: Deps): Promise<number> {
  const now = deps.clock.now()
  let expired = 0
  for (const lease of await listLeases(deps.table, EXPIRED_MAX, now)) {
    if (lease.until > now) continue
    if (await goesOn(deps, lease)) await renewLease(deps.table, lease.id, addSeconds(now, EVIDENCE_SECONDS))
    // As it was read: its holder may renew it in this very moment. What moved otherwise the next sweep sees.
    else if (await giveSlots(deps.table, await leaseMove(deps, lease))) expired += 1
  }
  return expired
}

/** Only the service itself takes a lease of that id, when a client proposes RUNNING; other leases clients renew. */
async function goesOn(deps: Deps, { id, holder }: Lease): Promise<boolean> {
  if (!holder || id !== leaseOfTask(holder.id)) return false
  const task = await getTaskRun(deps.table, holder.id)
  if (!task?.leased || !task.flowRunId) return false
  const run = await getRun(deps.table, task.flowRunId)
  return run !== undefined && !isTerminal(run.state.type)
}
